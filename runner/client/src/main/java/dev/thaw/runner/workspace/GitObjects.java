package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A repository's objects. Those that it borrows from others ({@code objects/info/alternates}, as {@code git clone
 * --shared} and {@code --reference} leave it) become its own, since the guest does not have the others.
 */
enum GitObjects implements Selection {
    /** All of them, and those borrowed. */
    OWN {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return Treatment.AS_IS;
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return name.bytes().equals("info") ? INFO : GitPart.REST;
        }

        @Override
        public List<Addition> additions(Path directory) throws RunnerException {
            var lenders = new LinkedHashSet<Path>();
            addLenders(directory, lenders);
            return lenders.stream()
                    .map(lender -> new Addition(lender, BORROWED, "borrows objects of " + lender))
                    .toList();
        }
    },
    /** Where objects are borrowed from is of no use to a guest, and may be a URL with a password. */
    INFO {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return name.bytes().endsWith("alternates") ? Treatment.LEFT_OUT : Treatment.AS_IS;
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return GitPart.REST;
        }
    },
    /** Another repository's: nothing but what looks like objects is taken. */
    BORROWED {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return directory && OBJECT_DIRECTORY.matcher(name.bytes()).matches() ? Treatment.AS_IS : Treatment.LEFT_OUT;
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return BORROWED_FILES;
        }
    },
    /** Objects alone or in packs. */
    BORROWED_FILES {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return !directory && OBJECT_FILE.matcher(name.bytes()).matches() ? Treatment.AS_IS : Treatment.LEFT_OUT;
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return BORROWED_FILES;
        }
    };

    private static final Pattern OBJECT_DIRECTORY = Pattern.compile("pack|[0-9a-f]{2}");
    private static final Pattern OBJECT_FILE =
            Pattern.compile("[0-9a-f]{38}|[0-9a-f]{62}|pack-[0-9a-f]+\\.(pack|idx|rev|bitmap|promisor|mtimes)");
    private static final int MOST = 20;

    @Override
    public boolean gitRules() {
        return false;
    }

    private static void addLenders(Path objects, Set<Path> lenders) throws RunnerException {
        Path file = objects.resolve("info/alternates");
        if (!Files.isRegularFile(file)) {
            return;
        }
        for (Path lender : named(file, objects)) {
            if (lenders.add(lender)) {
                if (lenders.size() > MOST) {
                    throw new RunnerException(
                            Fault.WORKSPACE, "more than " + MOST + " repositories lend their objects to " + objects);
                }
                addLenders(lender, lenders);
            }
        }
    }

    private static List<Path> named(Path file, Path objects) throws RunnerException {
        var named = new ArrayList<Path>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    named.add(objects.resolve(line).toRealPath());
                }
            }
            return named;
        } catch (IOException | InvalidPathException e) {
            throw new RunnerException(
                    Fault.WORKSPACE,
                    "cannot pack the repository: it borrows objects by " + file
                            + " from where there are none; run 'git fsck' there, or clone without --shared",
                    e);
        }
    }
}
