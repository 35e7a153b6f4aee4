package dev.thaw.runner.vm;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host's processor, as {@code /proc/cpuinfo} tells it.
 *
 * @param model the maker's name for it
 * @param microcode its microcode revision, {@code unknown} where the kernel does not tell
 * @param tscKhz rate of its time stamp counter, rounded to MHz so that two reads agree; 0 if unknown
 */
public record HostCpu(String model, String microcode, long tscKhz) {
    private static final Pattern RATE = Pattern.compile("(?m)^cpu MHz\\s*:\\s*([0-9]+)");

    /** Reads it. */
    public static HostCpu read() throws RunnerException {
        try {
            return parse(Files.readString(Path.of("/proc/cpuinfo")));
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot read /proc/cpuinfo: " + e.getMessage(), e);
        }
    }

    static HostCpu parse(String cpuinfo) {
        Matcher rate = RATE.matcher(cpuinfo);
        return new HostCpu(
                field(cpuinfo, "model name"),
                field(cpuinfo, "microcode"),
                rate.find() ? Long.parseLong(rate.group(1)) * 1000 : 0);
    }

    private static String field(String cpuinfo, String name) {
        Matcher matcher = Pattern.compile("(?m)^" + name + "\\s*:\\s*(.+)$").matcher(cpuinfo);
        return matcher.find() ? matcher.group(1).strip() : "unknown";
    }
}
