package dev.thaw.runner.artifact;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Where a job's artifacts go. What is there already stays, but for files and links of the same name as an artifact,
 * which are replaced.
 */
public final class OutputDirectory {
    private final Path path;
    private final Deque<Path> made = new ArrayDeque<>();

    OutputDirectory(Path path) {
        this.path = path;
    }

    /** Says before a job starts what would else be found out at its end. */
    public static void check(Path path) throws RunnerException {
        Path existing = path.toAbsolutePath();
        for (Path parent = existing.getParent();
                parent != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS);
                parent = existing.getParent()) {
            existing = parent;
        }
        if (!Files.isDirectory(existing)) {
            throw new RunnerException(
                    Fault.USAGE, "--out: " + existing + " is not a directory; name one, or one that can be made");
        }
        if (!Files.isWritable(existing)) {
            throw new RunnerException(
                    Fault.USAGE, "--out: " + existing + " cannot be written; name another directory for the artifacts");
        }
        try {
            if (Files.getFileStore(existing).getUsableSpace() == 0) {
                throw new RunnerException(
                        Fault.NO_SPACE,
                        "--out: there is no space left in " + existing + "; make some, or name another directory");
            }
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "--out: cannot look at " + existing + ": " + e.getMessage(), e);
        }
    }

    /** Makes the directory if it is not there; returns its real path. */
    Path make() throws IOException {
        var wanted = new ArrayDeque<Path>();
        for (Path at = path.toAbsolutePath(); at != null && !Files.exists(at); at = at.getParent()) {
            wanted.push(at);
        }
        for (Path directory : wanted) {
            Files.createDirectory(directory);
            made.push(directory);
        }
        return path.toRealPath();
    }

    /** Deletes again what {@link #make} made, if it is still empty. Never throws. */
    void unmake() {
        while (!made.isEmpty() && made.pop().toFile().delete()) {
            // The next one up.
        }
    }
}
