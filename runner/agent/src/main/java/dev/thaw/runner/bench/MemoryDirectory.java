package dev.thaw.runner.bench;

import dev.thaw.runner.os.JobDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A directory in memory, so that what is measured is not the host's disk. The same one each time: what a bench that was
 * killed left there is gone when the next begins.
 */
final class MemoryDirectory implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(MemoryDirectory.class.getName());
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long LEAST_ROOM = 3L << 30;

    private final Path path;

    private MemoryDirectory(Path path) {
        this.path = path;
    }

    /** In memory if there is room, else below another directory. */
    static MemoryDirectory make(Path otherwise) {
        try {
            Path path = MEMORY.resolve("thaw-bench-" + Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
            JobDirectory.deleteTree(path);
            if (Files.getFileStore(MEMORY).getUsableSpace() >= LEAST_ROOM) {
                Files.createDirectory(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                return new MemoryDirectory(path);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "artifacts go to the disk: {0}", e.getMessage());
        }
        return new MemoryDirectory(otherwise.resolve("artifacts"));
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            JobDirectory.deleteTree(path);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "left: " + path, e);
        }
    }
}
