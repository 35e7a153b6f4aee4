package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.terminal.TestTerminal;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --keep-on-failure} and {@code runner shell}. */
class ShellIT {
    private static final Pattern KEPT = Pattern.compile("runner: the job ended with ([0-9]+); its guest is kept for 60"
            + " minutes: runner shell ([a-z0-9-]+); Ctrl-C here discards it");

    @TempDir
    Path work = Path.of("");

    final Runner runner = Runner.shared();
    private final List<Process> keepers = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() throws Exception {
        try {
            assertThat(Runner.traces(Runner.HOME)).isEmpty();
        } finally {
            keepers.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void theGuestOfAFailedStepIsAsTheStepLeftIt() throws Exception {
        Process keeper = keeper("-e", "COLOUR=blue", "--", "sh", "-c", "echo of the step > left; cd /tmp; exit 5");
        String id = awaitKept(keeper, 5);

        var ended = runner.runOn("cat left; pwd; id -un; echo $COLOUR; echo err >&2; exit 3\n", work, "shell", id)
                .expect(3);
        assertThat(ended.out()).isEqualTo("of the step\n/workspace\nbuild\nblue\n");
        assertThat(ended.err()).isEqualTo("err\n");
        // More than one at a time, without naming it, with a command; what one leaves is there for the next.
        runner.run(work, "shell", id, "--", "sh", "-c", "echo again > left").expect(0);
        assertThat(runner.run(work, "shell", id, "--", "cat", "left").expect(0).out())
                .isEqualTo("again\n");
        runner.run(work, "shell", id, "--", "no-such-command").expect(127);

        try (TestTerminal terminal = runner.atTerminal(work, "shell")) {
            terminal.awaitShown("/workspace$ ");
            terminal.type("stty size; docker ps -q | wc -l; exit 4\r");
            assertThat(terminal.awaitExit()).isEqualTo(4);
            assertThat(terminal.shown()).contains("30 90\r\n0\r\n");
            assertThat(terminal.state()).isEqualTo("cooked");
        }

        // Ctrl-C: the guest goes, and the job's code is what it was.
        new ProcessBuilder("kill", "-INT", String.valueOf(keeper.pid())).start().waitFor();
        assertThat(keeper.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keeper.exitValue()).isEqualTo(5);
        runner.run(work, "shell", id).expect(125);
    }

    @Test
    void aShellIsInTheContainerOfTheSteps() throws Exception {
        Process keeper = keeper("--image", "busybox:latest", "--", "sh", "-c", "echo x > /only-here; exit 6");
        String id = awaitKept(keeper, 6);
        var ended = runner.runOn("cat /only-here; exit 2\n", work, "shell", id).expect(2);
        assertThat(ended.out()).isEqualTo("x\n");
        new ProcessBuilder("kill", "-TERM", String.valueOf(keeper.pid()))
                .start()
                .waitFor();
        assertThat(keeper.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keeper.exitValue()).isEqualTo(6);
    }

    @Test
    void aShellWhoseGuestIsDiscardedOrDiesIsAFault() throws Exception {
        Process keeper = keeper("--", "false");
        String id = awaitKept(keeper, 1);
        Process shell = runner.start(List.of("shell", id, "--", "sh", "-c", "echo in; sleep 600"), work);
        keepers.add(shell);
        try (BufferedReader lines = lines(shell.getInputStream())) {
            assertThat(lines.readLine()).isEqualTo("in");
            for (ProcessHandle vmm : Runner.vmms(Runner.HOME)) {
                ProcessHandle.of(CageIT.qemu(vmm)).orElseThrow().destroyForcibly();
            }
            assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(shell.exitValue()).isEqualTo(125);
        }
        assertThat(keeper.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keeper.exitValue()).isEqualTo(1);
    }

    @Test
    void aKilledKeeperIsReapedAndAGreenJobKeepsNothing() throws Exception {
        runner.run(work, "exec", "--keep-on-failure", "--", "true").expect(0);

        Process keeper = keeper("--", "false");
        String id = awaitKept(keeper, 1);
        keeper.destroyForcibly();
        assertThat(keeper.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var ended = runner.run(work, "shell").expect(125);
        assertThat(ended.err()).contains("no guest is kept");
        assertThat(runner.run(work, "gc").expect(0).out()).contains(id);
    }

    Process keeper(String... words) throws Exception {
        var command = new ArrayList<>(List.of("exec", "--keep-on-failure"));
        command.addAll(List.of(words));
        Process keeper = runner.start(command, work);
        keepers.add(keeper);
        return keeper;
    }

    static String awaitKept(Process keeper, int code) throws Exception {
        BufferedReader lines = lines(keeper.getErrorStream());
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher kept = KEPT.matcher(line);
            if (kept.matches()) {
                assertThat(kept.group(1)).isEqualTo(String.valueOf(code));
                return kept.group(2);
            }
        }
        throw new AssertionError("the runner ended and kept nothing");
    }

    private static BufferedReader lines(java.io.InputStream stream) {
        return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    }
}
