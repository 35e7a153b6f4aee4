package dev.thaw.runner.bench;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory of this process, and so of an agent that runs in it.
 *
 * @param heap what is in use after a full collection, MiB
 * @param resident what the kernel has given the process, MiB
 */
public record OwnMemory(double heap, double resident) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");
    private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB");
    /** Makes the kernel count the most that is resident anew. */
    private static final String PEAK_FROM_NOW = "5";

    /** After a collection. */
    static OwnMemory now() throws RunnerException {
        return new OwnMemory(heapInUse(), kibibytes(RESIDENT) / 1024);
    }

    /** What is in use after a collection, MiB. */
    static double heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1024.0 / 1024;
    }

    /** From now on {@link #peak} tells of what comes. */
    static void forgetPeak() throws RunnerException {
        try {
            Files.writeString(CLEAR, PEAK_FROM_NOW);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot write " + CLEAR + ": " + e.getMessage(), e);
        }
    }

    /** The most that was resident, MiB. */
    static double peak() throws RunnerException {
        return kibibytes(PEAK) / 1024;
    }

    private static double kibibytes(Pattern line) throws RunnerException {
        try {
            Matcher found = line.matcher(Files.readString(STATUS));
            if (found.find()) {
                return Double.parseDouble(found.group(1));
            }
            throw new RunnerException(Fault.HOST, STATUS + " does not say " + line);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot read " + STATUS + ": " + e.getMessage(), e);
        }
    }
}
