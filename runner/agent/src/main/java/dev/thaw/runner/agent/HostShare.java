package dev.thaw.runner.agent;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much of a host its jobs may have if nobody says otherwise: most of it, and its CPUs twice over. */
public final class HostShare {
    private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal:\\s+(\\d+) kB");
    /** Builds wait for disks and for each other; two CPUs' worth of guests keep one busy. */
    private static final int GUEST_CPUS_OF_ONE = 2;

    private HostShare() {}

    /** Of the host that a directory is on. */
    public static Demand of(Path directory) throws RunnerException {
        try {
            Matcher total = TOTAL.matcher(Files.readString(Path.of("/proc/meminfo")));
            long memory = total.find() ? Long.parseLong(total.group(1)) * 1024 : 0;
            long disk = Files.getFileStore(directory).getUsableSpace();
            return new Demand(
                    Runtime.getRuntime().availableProcessors() * GUEST_CPUS_OF_ONE,
                    inMebibytes(memory / 10 * 8),
                    inMebibytes(disk / 10 * 9));
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot see what the host has: " + e.getMessage(), e);
        }
    }

    private static ByteSize inMebibytes(long bytes) {
        return new ByteSize(bytes >> 20 << 20);
    }
}
