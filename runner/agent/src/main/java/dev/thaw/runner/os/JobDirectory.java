package dev.thaw.runner.os;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * All that one guest makes the host hold: its overlay, its sockets, the number of its VMM process. Owned by a live
 * process as long as that process holds the lock on {@code owner}; anybody's to reap from then on.
 */
public final class JobDirectory implements AutoCloseable {
    static final String OWNER = "owner";
    private static final String VMM = "vmm";
    private static final System.Logger LOG = System.getLogger(JobDirectory.class.getName());

    private final Path path;
    private final Path sockets;
    private final FileChannel owner;
    private final Runnable disowned;

    JobDirectory(Path path, Path sockets, FileChannel owner, Runnable disowned) {
        this.path = path;
        this.sockets = sockets;
        this.owner = owner;
        this.disowned = disowned;
    }

    /** Where the guest's disk and the VMM's log lie. */
    public Path path() {
        return path;
    }

    /** Where the guest's sockets lie; short enough for any socket name of up to 40 bytes. */
    public Path sockets() {
        return sockets;
    }

    /** Writes down which process has to die with this directory. */
    public void recordVmm(ProcessHandle vmm) throws IOException {
        Files.writeString(path.resolve(VMM), ProcessStamp.of(vmm).toString(), StandardCharsets.UTF_8);
    }

    /** Deletes everything and lets go of the lock. Never throws: what is left is the reaper's. */
    @Override
    public void close() {
        try {
            delete(path, sockets);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "left to the reaper: " + path, e);
        } finally {
            closeQuietly();
        }
    }

    /** Lets go of the lock and leaves the files; for a test of the reaper, and for nothing else. */
    void abandon() {
        closeQuietly();
    }

    private void closeQuietly() {
        try {
            owner.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing " + path.resolve(OWNER), e);
        }
        disowned.run();
    }

    /** Kills what the directory names, then deletes it; the caller holds its lock. */
    static void reap(Path path, Path sockets) throws IOException {
        Path vmm = path.resolve(VMM);
        if (Files.exists(vmm)) {
            ProcessStamp.parse(Files.readString(vmm, StandardCharsets.UTF_8)).ifPresent(ProcessStamp::kill);
        }
        delete(path, sockets);
    }

    private static void delete(Path path, Path sockets) throws IOException {
        deleteTree(sockets);
        deleteTree(path);
    }

    /** Deletes a directory and all below it, links themselves and not what they point to; absent is fine. */
    public static void deleteTree(Path root) throws IOException {
        try (Stream<Path> entries = Files.walk(root)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(entry);
            }
        } catch (NoSuchFileException e) {
            // Already gone: what was wanted.
            return;
        }
    }
}
