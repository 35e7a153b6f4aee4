package dev.thaw.runner.artifact;

import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.job.ArtifactGlob;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Picks the artifacts out of what GNU find lists in the guest, as it comes: only what a glob matches is kept. One record
 * is a letter for the kind, {@code ./}, the path, and a NUL.
 */
final class Listing implements OutputSink {
    private static final int LONGEST_RECORD = 8 << 10;
    private static final int MOST_ROOTS = 256;

    private final List<ArtifactGlob> globs;
    private final String leftOut;
    private final ArtifactLimits limits;
    private final ByteArrayOutputStream record = new ByteArrayOutputStream();
    private final Set<ArtifactName> selected = new LinkedHashSet<>();
    private final Set<ArtifactGlob> matched = new HashSet<>();
    private final List<String> notes = new ArrayList<>();
    private long bytes;
    private long nameBytes;
    private @Nullable ArtifactRefusedException refusal;

    /** @param leftOut a directory of the workspace, with a slash behind it, that no artifact comes from; or empty */
    Listing(List<ArtifactGlob> globs, String leftOut, ArtifactLimits limits) {
        this.globs = globs;
        this.leftOut = leftOut;
        this.limits = limits;
    }

    /** What lists the files that the globs may mean, below the working directory. */
    List<String> command() {
        var command = new ArrayList<>(List.of("find"));
        roots().forEach(root -> command.add(root.isEmpty() ? "." : "./" + root));
        command.addAll(List.of("-iname", ".git", "-prune", "-o", "-type", "d", "!", "-empty"));
        command.addAll(List.of("-o", "-printf", "%y%p\\0"));
        return command;
    }

    /** The directories to look through, none of them in another: a file is listed once. */
    private Set<String> roots() {
        var all = new TreeSet<String>();
        globs.forEach(glob -> all.addAll(glob.roots()));
        if (all.contains("") || all.size() > MOST_ROOTS) {
            return Set.of("");
        }
        var roots = new TreeSet<String>();
        for (String root : all) {
            boolean covered = false;
            for (int slash = root.indexOf('/'); slash >= 0; slash = root.indexOf('/', slash + 1)) {
                covered |= all.contains(root.substring(0, slash));
            }
            if (!covered) {
                roots.add(root);
            }
        }
        return roots;
    }

    @Override
    public void write(byte[] chunk, int offset, int length) throws IOException {
        bytes += length;
        try {
            if (bytes > limits.listingBytes()) {
                throw new ArtifactRefusedException("the guest lists more than " + limits.listingBytes()
                        + " bytes of names to find the artifacts in; begin the globs with a directory");
            }
            int from = offset;
            for (int i = offset; i < offset + length; i++) {
                if (chunk[i] == 0) {
                    record.write(chunk, from, i - from);
                    take(record.toString(StandardCharsets.ISO_8859_1));
                    record.reset();
                    from = i + 1;
                }
            }
            record.write(chunk, from, offset + length - from);
            if (record.size() > LONGEST_RECORD) {
                throw new ArtifactRefusedException("the guest lists a name of more than " + LONGEST_RECORD + " bytes");
            }
        } catch (ArtifactRefusedException e) {
            refusal = e;
            throw new IOException(e.getMessage(), e);
        }
    }

    private void take(String line) throws ArtifactRefusedException {
        if (line.length() < 2 || !line.startsWith("./", 1)) {
            // The workspace itself, empty.
            return;
        }
        String path = line.substring(3);
        if (!leftOut.isEmpty() && path.startsWith(leftOut)) {
            return;
        }
        String text = ArtifactName.text(path);
        boolean any = false;
        for (ArtifactGlob glob : globs) {
            if (glob.matches(text)) {
                matched.add(glob);
                any = true;
            }
        }
        if (any) {
            select(line.charAt(0), path);
        }
    }

    private void select(char kind, String path) throws ArtifactRefusedException {
        if (kind != 'f' && kind != 'd' && kind != 'l') {
            notes.add("artifact " + ArtifactName.printable(path) + " is left out: no file, directory or link");
            return;
        }
        if (selected.add(ArtifactName.parse(path))) {
            nameBytes += path.length();
        }
        if (selected.size() > limits.entries() || nameBytes > limits.nameBytes()) {
            throw new ArtifactRefusedException("the globs match more than " + limits.entries() + " artifacts or "
                    + limits.nameBytes() + " bytes of names");
        }
    }

    /** Throws what was wrong with what was listed so far, if anything. */
    void check() throws ArtifactRefusedException {
        ArtifactRefusedException why = refusal;
        if (why != null) {
            throw new ArtifactRefusedException(String.valueOf(why.getMessage()), why);
        }
    }

    /** What the globs mean. */
    Set<ArtifactName> selected() {
        return selected;
    }

    /** What a person should know: globs that match nothing, kinds that were left out. */
    List<String> notes() {
        var all = new ArrayList<String>();
        globs.stream().filter(glob -> !matched.contains(glob)).forEach(glob -> all.add("nothing matches " + glob));
        all.addAll(notes.subList(0, Math.min(notes.size(), 10)));
        return all;
    }
}
