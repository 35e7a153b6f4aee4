package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Walks one tree and writes what its selection takes. Links are written as links; nothing is opened through one. */
final class TreePacker {
    private static final int BUFFER = 1 << 16;

    private final TarWriter tar;
    private final byte[] buffer = new byte[BUFFER];
    private final List<String> skipped = new ArrayList<>();
    private long files;
    private long bytes;
    private boolean gitRules;

    TreePacker(TarWriter tar) {
        this.tar = tar;
    }

    PackedWorkspace pack(Path root, Selection selection) throws RunnerException, IOException {
        packDirectory(root, RawPath.ROOT, selection);
        tar.finish();
        return new PackedWorkspace(files, bytes, skipped, gitRules);
    }

    private void packDirectory(Path directory, RawPath path, Selection selection) throws RunnerException, IOException {
        gitRules |= selection.gitRules();
        for (Map.Entry<RawPath, Path> child : children(directory, path).entrySet()) {
            RawPath name = child.getKey();
            Path file = child.getValue();
            PosixFileAttributes attributes = attributes(file, path.child(name));
            Treatment treatment = selection.of(name, attributes.isDirectory());
            if (treatment == Treatment.LEFT_OUT) {
                continue;
            }
            if (attributes.isDirectory()) {
                tar.directory(path.child(name), attributes);
                packDirectory(file, path.child(name), selection.enter(name, file));
            } else {
                packEntry(file, path.child(name), attributes, treatment);
            }
        }
    }

    private void packEntry(Path file, RawPath path, PosixFileAttributes attributes, Treatment treatment)
            throws RunnerException, IOException {
        if (attributes.isSymbolicLink()) {
            tar.link(path, target(file, path), attributes);
            files++;
        } else if (!attributes.isRegularFile()) {
            skipped.add(path.toString());
        } else if (treatment == Treatment.AS_IS) {
            packFile(file, path, attributes);
        } else {
            packContent(path, cleaned(file, path, treatment), attributes);
        }
    }

    private void packFile(Path file, RawPath path, PosixFileAttributes attributes) throws RunnerException, IOException {
        try (InputStream in = open(file, path)) {
            tar.beginFile(path, attributes.size(), attributes);
            long left = attributes.size();
            while (left > 0) {
                int count = read(in, (int) Math.min(left, BUFFER), path);
                if (count < 0) {
                    throw changed(path, "shrank");
                }
                tar.write(buffer, count);
                left -= count;
            }
            if (read(in, 1, path) >= 0) {
                throw changed(path, "grew");
            }
            tar.endFile();
        }
        files++;
        bytes += attributes.size();
    }

    private void packContent(RawPath path, byte[] content, PosixFileAttributes attributes) throws IOException {
        tar.beginFile(path, content.length, attributes);
        tar.write(content, content.length);
        tar.endFile();
        files++;
        bytes += content.length;
    }

    private static byte[] cleaned(Path file, RawPath path, Treatment treatment) throws RunnerException {
        try (InputStream in = open(file, path)) {
            byte[] content = in.readAllBytes();
            return treatment == Treatment.CONFIG_CLEANED ? GitConfigCleaner.clean(content) : UrlCleaner.clean(content);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    // Sorted, so that the same tree gives the same archive.
    private static Map<RawPath, Path> children(Path directory, RawPath path) throws RunnerException {
        var children = new TreeMap<RawPath, Path>();
        try (var stream = Files.newDirectoryStream(directory)) {
            for (Path child : stream) {
                children.put(RawPath.nameOf(child), child);
            }
            return children;
        } catch (DirectoryIteratorException e) {
            throw unreadable(path, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static PosixFileAttributes attributes(Path file, RawPath path) throws RunnerException {
        try {
            return Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static RawPath target(Path link, RawPath path) throws RunnerException {
        try {
            return RawPath.targetOf(link);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static InputStream open(Path file, RawPath path) throws RunnerException {
        try {
            // Once more: it was no link when it was looked at, but may be one now.
            return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private int read(InputStream in, int most, RawPath path) throws RunnerException {
        try {
            return in.read(buffer, 0, most);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static RunnerException unreadable(RawPath path, IOException e) {
        String what = path.equals(RawPath.ROOT) ? "the working directory" : path.toString();
        return new RunnerException(Fault.WORKSPACE, "cannot pack " + what + ": " + Reason.of(e), e);
    }

    private static RunnerException changed(RawPath path, String how) {
        return new RunnerException(
                Fault.WORKSPACE,
                "cannot pack " + path + ": it " + how + " meanwhile; stop what writes it and try again");
    }
}
