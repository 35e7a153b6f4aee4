package dev.thaw.runner.vm;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.os.Subprocess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host's processor, as {@code /proc/cpuinfo} tells it, and the rate of its clock, which that does not tell.
 *
 * @param model the maker's name for it
 * @param microcode its microcode revision, {@code unknown} where the kernel does not tell
 * @param tscKhz rate of its time stamp counter, in kHz, rounded to MHz
 */
public record HostCpu(String model, String microcode, long tscKhz) {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /** Two measurements of one clock differ by less; a snapshot must not be thrown away for that. */
    private static final double SAME = 0.001;

    /**
     * Reads it. The rate is measured once after each boot of the host and kept in the home.
     *
     * @param source the C program that measures the rate
     * @throws RunnerException {@code HOST} if it cannot be compiled or run
     */
    public static HostCpu read(RunnerHome home, Subprocess subprocess, Path source)
            throws RunnerException, InterruptedException {
        Path cache = home.root().resolve("tsc-rate");
        try {
            HostCpu cpu = parse(Files.readString(Path.of("/proc/cpuinfo")), 0);
            String boot = Files.readString(BOOT).strip();
            List<String> known = Files.exists(cache) ? Files.readAllLines(cache) : List.of();
            long rate = known.size() == 3 && known.get(0).equals(cpu.model()) ? Long.parseLong(known.get(2)) : 0;
            if (rate == 0 || !known.get(1).equals(boot)) {
                long measured = measure(home, subprocess, source);
                rate = Math.abs(measured - rate) < SAME * measured ? rate : measured;
                Files.writeString(cache, cpu.model() + "\n" + boot + "\n" + rate + "\n");
            }
            return new HostCpu(cpu.model(), cpu.microcode(), rate);
        } catch (IOException | NumberFormatException e) {
            throw new RunnerException(
                    e instanceof IOException io && JobDirectories.diskFull(io) ? Fault.NO_SPACE : Fault.HOST,
                    "cannot find out about the processor: " + e.getMessage(),
                    e);
        }
    }

    private static long measure(RunnerHome home, Subprocess subprocess, Path source)
            throws RunnerException, InterruptedException, IOException {
        Path program = Files.createTempFile(home.root(), "tsc-rate-", ".out");
        try {
            var compiled = subprocess.run(List.of("gcc", "-O2", "-o", program.toString(), source.toString()), LIMIT);
            var output = compiled.exitCode() == 0 ? subprocess.run(List.of(program.toString()), LIMIT) : compiled;
            if (output.exitCode() != 0) {
                throw new RunnerException(
                        output.stderr().contains("No space left") ? Fault.NO_SPACE : Fault.HOST,
                        "cannot measure the time stamp counter with " + source + ": " + output.lastLine());
            }
            return Math.round(Long.parseLong(output.stdout().strip()) / 1000.0) * 1000;
        } finally {
            Files.deleteIfExists(program);
        }
    }

    static HostCpu parse(String cpuinfo, long tscKhz) {
        return new HostCpu(field(cpuinfo, "model name"), field(cpuinfo, "microcode"), tscKhz);
    }

    private static String field(String cpuinfo, String name) {
        Matcher matcher = Pattern.compile("(?m)^" + name + "\\s*:\\s*(.+)$").matcher(cpuinfo);
        return matcher.find() ? matcher.group(1).strip() : "unknown";
    }
}
