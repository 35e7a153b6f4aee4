package dev.thaw.runner.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.terminal.TestTerminal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process of its own at a real terminal; each way out of raw mode. */
@Timeout(120)
class HostTerminalTest {
    private static final int SIGHUP = 1;
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;
    private static final String CONTROL_C = "\003";

    @TempDir
    Path work = Path.of("");

    @Test
    void keysAndBytesPassAsTheyAreWhileItIsRawAndItIsCookedAfterwards() throws Exception {
        try (TestTerminal terminal = begun()) {
            assertThat(terminal.state()).isEqualTo("raw");
            terminal.type(CONTROL_C);
            terminal.awaitShown("key 3;");
            terminal.type("q");
            assertThat(terminal.awaitExit()).isZero();
            assertThat(terminal.state()).isEqualTo("cooked");
            assertThat(terminal.shown()).contains("size 30x90;").endsWith("closed;");
        }
    }

    @Test
    void everyChangeOfTheSizeIsTold() throws Exception {
        try (TestTerminal terminal = begun()) {
            terminal.resize(50, 132);
            terminal.awaitShown("size 50x132;");
            terminal.resize(10, 20);
            terminal.awaitShown("size 10x20;");
            terminal.type("q");
            assertThat(terminal.awaitExit()).isZero();
        }
    }

    @Test
    void anExceptionLeavesItCooked() throws Exception {
        try (TestTerminal terminal = begun()) {
            terminal.type("t");
            assertThat(terminal.awaitExit()).isEqualTo(1);
            assertThat(terminal.state()).isEqualTo("cooked");
        }
    }

    @Test
    void aProcessThatIsGoneAtOnceLeavesItCooked() throws Exception {
        try (TestTerminal terminal = begun()) {
            terminal.type("h");
            assertThat(terminal.awaitExit()).isEqualTo(9);
            terminal.awaitState("cooked");
        }
    }

    @Test
    void aKilledProcessLeavesItCooked() throws Exception {
        for (int signal : List.of(SIGKILL, SIGTERM, SIGHUP)) {
            try (TestTerminal terminal = begun()) {
                assertThat(terminal.state()).isEqualTo("raw");
                terminal.signal(signal);
                assertThat(terminal.awaitExit()).isNotZero();
                terminal.awaitState("cooked");
            }
        }
    }

    @Test
    void aProcessInTheBackgroundDoesNotTouchIt() throws Exception {
        var words = new ArrayList<>(List.of("bash", "-c", "set -m; \"$@\" & wait $!; exec sleep 60", "bash"));
        words.addAll(program());
        try (TestTerminal terminal = TestTerminal.of(words, Map.of(), work)) {
            terminal.awaitShown("closed;");
            assertThat(terminal.state()).isEqualTo("cooked");
            terminal.awaitShown("this process is in the background of its terminal");
        }
    }

    @Test
    void whatIsNoTerminalHasNone() {
        // Standard input of a test's process is a pipe or /dev/null.
        assertThat(HostTerminal.device(200)).isEmpty();
    }

    private TestTerminal begun() throws Exception {
        TestTerminal terminal = TestTerminal.of(program(), Map.of(), work);
        terminal.awaitShown("begun;");
        return terminal;
    }

    private static List<String> program() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                TerminalProgram.class.getName());
    }
}
