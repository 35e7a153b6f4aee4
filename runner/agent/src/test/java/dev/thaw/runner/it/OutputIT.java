package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Much output: all of it arrives, each stream in its order, and nobody on the way keeps it. */
class OutputIT {
    private static final long MIB = 1 << 20;

    /** By how much the runner may grow over one that passes two lines: its windows, 4 MiB a stream, thrice over. */
    private static final long RUNNER_MAY_GROW = 24 * MIB;

    /** What guestd may ever have been: it has no more than a few buffers. */
    private static final long GUESTD_MAY_BE = 4 * MIB;

    /** In the guest: how large a process has been at most, in KiB. */
    private static final String PEAK = "peak() { sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\) kB$/\\1/p' /proc/$1/status; }\n";

    @TempDir
    Path work = Path.of("");

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    /** How many bytes arrived, and how large in bytes those have been that they went through. */
    private record Passed(long bytes, long guestd, long runner) {}

    @Test
    void twentyFiveMegabytesOnEachStreamArriveWholeAndInOrderAndNobodyKeepsThem() throws Exception {
        // A heap with which the runner lives, and which could not hold one of the two streams.
        isPassedOn(3_300_000, 50_000_000, "-Xmx32m");
    }

    @Test
    @Tag("full")
    void aGibibyteArrivesWholeAndInOrderAndNobodyKeepsIt() throws Exception {
        isPassedOn(61_000_000, 1024 * MIB, "-Xmx64m");
    }

    private void isPassedOn(int lines, long bytes, String heap) throws Exception {
        Passed little = pass(1, heap);
        Passed much = pass(lines, heap);
        assertThat(much.bytes()).isGreaterThanOrEqualTo(bytes);
        assertThat(much.guestd()).isLessThan(GUESTD_MAY_BE);
        assertThat(much.runner() - little.runner()).isLessThan(RUNNER_MAY_GROW);
        // The controls: memory that is used is seen by the same measures.
        assertThat(pass(1, "-Xms256m", "-XX:+AlwaysPreTouch").runner()).isGreaterThan(256 * MIB);
        var keeping = Runner.shared()
                .run(work, "exec", "--", "sh", "-c", PEAK + "kept=$(seq 1 1000000); peak $$")
                .expect(0);
        assertThat(Long.parseLong(keeping.out().strip()) * 1024).isGreaterThan(GUESTD_MAY_BE);
    }

    /** The numbers up to a last one on both streams at once; standard output waits until standard error has ended. */
    private Passed pass(int last, String... options) throws Exception {
        String script =
                PEAK + "seq 1 " + last + " & seq 1 " + last + " >&2; wait; peak $(pgrep -o -x guestd); read line";
        Process process = Runner.shared()
                .on(options)
                .start(List.of("exec", "--timeout", "10m", "-i", "--", "sh", "-c", script), work);
        try (var out = new BufferedInputStream(process.getInputStream());
                var err = new BufferedInputStream(process.getErrorStream())) {
            long bytes = numbers(err, last) + numbers(out, last);
            long guestd = Long.parseLong(line(out)) * 1024;
            // All has gone through it, and it waits for a line.
            long runner = peak(process.pid());
            process.outputWriter().append("go\n").close();
            assertThat(line(out) + line(err)).isEmpty();
            assertThat(process.waitFor()).isZero();
            return new Passed(bytes, guestd, runner);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Reads the numbers from 1 to a last one, each on its line, and tells how many bytes they were. */
    private static long numbers(InputStream stream, int last) throws IOException {
        long bytes = 0;
        for (int i = 1; i <= last; i++) {
            byte[] wanted = (i + "\n").getBytes(StandardCharsets.US_ASCII);
            byte[] found = stream.readNBytes(wanted.length);
            if (!Arrays.equals(found, wanted)) {
                throw new AssertionError("wanted " + i + ", found " + new String(found, StandardCharsets.ISO_8859_1)
                        + new String(stream.readNBytes(2000), StandardCharsets.ISO_8859_1));
            }
            bytes += found.length;
        }
        return bytes;
    }

    private static String line(InputStream stream) throws IOException {
        var line = new StringBuilder();
        for (int next = stream.read(); next >= 0 && next != '\n'; next = stream.read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    /** On the host: how large a process has been at most. */
    private static long peak(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
