package dev.thaw.runner.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubprocessTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Subprocess subprocess = new Subprocess(Map.of("SECRET", "x", "HOME", "/home/somebody"));

    @Test
    void linesAreShownAsTheyComeAndKept() throws Exception {
        var lines = Collections.synchronizedList(new ArrayList<String>());
        var output = subprocess.run(
                List.of("sh", "-c", "echo one; echo two; echo 'not good' >&2; exit 3"), Map.of(), LIMIT, lines::add);

        assertThat(lines).containsExactlyInAnyOrder("one", "two", "not good").containsSubsequence("one", "two");
        assertThat(output).isEqualTo(new Subprocess.Output(3, "one\ntwo\n", "not good\n"));
        assertThat(output.lastLine()).isEqualTo("not good");
    }

    @Test
    void nothingIsInheritedThatIsNotNamed() throws Exception {
        var output = subprocess.run(List.of("env"), Map.of("EXTRA", "1"), LIMIT, line -> {});

        assertThat(output.stdout().lines())
                .containsExactlyInAnyOrder(
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "LC_ALL=C.UTF-8",
                        "HOME=/home/somebody",
                        "EXTRA=1");
    }

    @Test
    void aChildThatTakesTooLongIsKilledWithItsOwnChildren(@TempDir Path directory) throws Exception {
        Path pids = directory.resolve("pids");
        assertThatThrownBy(() -> subprocess.run(
                        List.of("sh", "-c", "sleep 600 & echo $! $$ > \"$0\"; wait", pids.toString()),
                        Duration.ofSeconds(2)))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.DEADLINE))
                .hasMessage("sh did not end within 2 s");

        for (String pid : Files.readString(pids).strip().split(" ", -1)) {
            awaitEnd(Long.parseLong(pid));
        }
    }

    private static void awaitEnd(long pid) throws InterruptedException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (ProcessHandle.of(pid)
                .filter(process -> !ProcessStamp.ended(process))
                .isPresent()) {
            assertThat(System.nanoTime() - end).isNegative();
            Thread.sleep(5);
        }
    }

    @Test
    void aMissingProgramIsAFaultOfTheHost() {
        assertThatThrownBy(() -> subprocess.run(List.of("no-such-program"), LIMIT))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.HOST))
                .hasMessageStartingWith("cannot start no-such-program: ");
        assertThat(subprocess.available("no-such-program")).isFalse();
        assertThat(subprocess.available("sh")).isTrue();
    }

    @Test
    void standardInputIsEmpty() throws Exception {
        assertThat(subprocess.run(List.of("cat"), LIMIT)).isEqualTo(new Subprocess.Output(0, "", ""));
    }
}
