package dev.thaw.runner.admission;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Admits a job by what the host has left at that moment: memory for the whole guest, and some disk for its overlay.
 * Jobs of other processes are seen by what they use, not by what they may yet use.
 */
public final class HostAdmission {
    /** Below this a guest's first writes already fill the disk. */
    private static final long LEAST_DISK = 512L << 20;

    private final Path overlays;
    private final HostMemory memory;

    /**
     * Admission to this host.
     *
     * @param overlays a directory of the file system that overlays are written to
     */
    public HostAdmission(Path overlays) {
        this(overlays, new HostMemory());
    }

    HostAdmission(Path overlays, HostMemory memory) {
        this.overlays = overlays;
        this.memory = memory;
    }

    /**
     * Admits a guest of that much memory.
     *
     * @throws RunnerException {@code NO_SPACE} with what is wanted and what is there
     */
    public Lease lease(ByteSize wanted) throws RunnerException {
        try {
            long disk = Files.getFileStore(overlays).getUsableSpace();
            if (disk < LEAST_DISK) {
                throw full("a guest's disk needs " + new ByteSize(LEAST_DISK) + " in " + overlays, disk);
            }
            long free = memory.available().orElse(Long.MAX_VALUE);
            if (free < wanted.bytes()) {
                throw full("a guest may use " + wanted + " of memory", free);
            }
            return () -> {};
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot see what the host has left: " + e.getMessage(), e);
        }
    }

    private static RunnerException full(String wanted, long left) {
        return new RunnerException(
                Fault.NO_SPACE, wanted + ", the host has " + (left >> 20) + " MiB left; free some, see: runner gc");
    }
}
