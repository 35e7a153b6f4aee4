package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.terminal.TestTerminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code runner exec -i -t} at a real terminal, with real guests. */
class TerminalIT {
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;
    private static final String CONTROL_C = "\003";
    private static final String CONTROL_D = "\004";

    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    @Test
    void aStepHasATerminalOfThisOnesKindAndSizeAndIsTypedAt() throws Exception {
        try (TestTerminal terminal = runner.atTerminal(work, "exec", "-i", "-t", "--", "bash", "--norc")) {
            terminal.awaitShown("$ ");
            assertThat(terminal.state()).isEqualTo("raw");
            terminal.type("echo \"<$TERM>\" $(stty size) $(tty)\r");
            terminal.awaitShown("<vt220> 30 90 /dev/pts/");
            terminal.resize(50, 132);
            terminal.type("until [ \"$(stty size)\" = '50 132' ]; do :; done; echo wi''dened\r");
            terminal.awaitShown("widened");
            // Ctrl-C is the guest's: the program ends and its shell does not. It is the program that says that it is
            // there, so that the signal meets it and not what the shell does between two.
            terminal.type("sh -c 'echo rea\"\"dy; exec sleep 600'\r");
            terminal.awaitShown("ready");
            terminal.type(CONTROL_C);
            terminal.type("echo st''ill here\r");
            terminal.awaitShown("still here");
            terminal.type("exit 7\r");
            assertThat(terminal.awaitExit()).isEqualTo(7);
            assertThat(terminal.state()).isEqualTo("cooked");
            assertThat(terminal.shown()).contains("runner: red in ");
        }
    }

    @Test
    void aContainerHasTheSameTerminal() throws Exception {
        try (TestTerminal terminal =
                runner.atTerminal(work, "exec", "-i", "-t", "--image", "debian:trixie-slim", "--", "bash", "--norc")) {
            terminal.awaitShown("# ");
            terminal.type("echo \"<$TERM>\" $(stty size) $(tty)\r");
            terminal.awaitShown("<vt220> 30 90 /dev/pts/");
            terminal.resize(50, 132);
            terminal.type("until [ \"$(stty size)\" = '50 132' ]; do :; done; echo wi''dened\r");
            terminal.awaitShown("widened");
            terminal.type("(exit 9)\r" + CONTROL_D);
            assertThat(terminal.awaitExit()).isEqualTo(9);
            assertThat(terminal.state()).isEqualTo("cooked");
        }
    }

    @Test
    void everyWayOutOfARunningStepLeavesTheTerminalAsItWas() throws Exception {
        try (TestTerminal terminal = runner.atTerminal(work, "exec", "-i", "-t", "--", "cat")) {
            terminal.awaitState("raw");
            terminal.signal(SIGTERM);
            assertThat(terminal.awaitExit()).isEqualTo(130);
            assertThat(terminal.state()).isEqualTo("cooked");
        }
        try (TestTerminal terminal = runner.atTerminal(work, "exec", "-i", "-t", "--timeout", "10s", "--", "cat")) {
            terminal.awaitState("raw");
            assertThat(terminal.awaitExit()).isEqualTo(124);
            assertThat(terminal.state()).isEqualTo("cooked");
        }
        try (TestTerminal terminal = runner.atTerminal(work, "exec", "-i", "-t", "--", "cat")) {
            terminal.awaitState("raw");
            for (ProcessHandle vmm : Runner.vmms(Runner.HOME)) {
                ProcessHandle.of(CageIT.qemu(vmm)).orElseThrow().destroyForcibly();
            }
            assertThat(terminal.awaitExit()).isEqualTo(125);
            assertThat(terminal.state()).isEqualTo("cooked");
        }
    }

    @Test
    void aKilledRunnerAndAClosedWindowLeaveNothingEither() throws Exception {
        try (TestTerminal terminal = runner.atTerminal(work, "exec", "-i", "-t", "--", "cat")) {
            terminal.awaitState("raw");
            terminal.signal(SIGKILL);
            assertThat(terminal.awaitExit()).isEqualTo(-SIGKILL);
            terminal.awaitState("cooked");
        }
        runner.run(work, "gc").expect(0);
        awaitNothing();

        try (TestTerminal terminal = runner.atTerminal(work, "exec", "-i", "-t", "--", "cat")) {
            terminal.awaitState("raw");
            terminal.hangUp();
        }
        awaitNothing();
    }

    private static void awaitNothing() throws Exception {
        Runner.await(
                "the guest is gone",
                Duration.ofSeconds(60),
                () -> Runner.traces(Runner.HOME).isEmpty());
    }

    @Test
    void stepsHaveATerminalWhereTheRunnerHasNone() throws Exception {
        var ended = runner.run(work, "exec", "-t", "--", "sh", "-c", "test -t 1 && tty && echo \"<$TERM>\"; echo e >&2")
                .expect(0);
        assertThat(ended.out()).matches("/dev/pts/[0-9]+\r\n<xterm>\r\ne\r\n");
        // The control: without -t there is none, and errors are apart.
        ended = runner.run(work, "exec", "--", "sh", "-c", "test ! -t 1 && ! tty; echo e >&2")
                .expect(0);
        assertThat(List.of(ended.out(), ended.err())).containsExactly("not a tty\n", "e\n");
    }
}
