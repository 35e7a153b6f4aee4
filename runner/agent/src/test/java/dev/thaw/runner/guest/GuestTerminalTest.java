package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.guest.ExecOutcome.Exited;
import dev.thaw.runner.guest.ExecOutcome.Failed;
import dev.thaw.runner.guest.ExecOutcome.Signaled;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Processes at a terminal, with guestd itself as a process on the host. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class GuestTerminalTest {
    @RegisterExtension
    static final RealSession REAL = new RealSession();

    private final Screen screen = new Screen();

    @BeforeEach
    void begin() throws Exception {
        REAL.session().identifyWarming(FakeGuest.soon());
    }

    @Test
    void aProcessHasATerminalOfTheSizeThatItWasGiven() throws Exception {
        try (GuestProcess process = start("tty; stty size; echo error >&2", null)) {
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }

        assertThat(screen.text()).matches("/dev/pts/[0-9]+\r\n30 90\r\nerror\r\n");
    }

    @Test
    void aNewSizeIsSeenByTheProcess() throws Exception {
        try (GuestProcess process =
                start("trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.05; done", null)) {
            screen.await("ready");

            process.resize(new TerminalSize(50, 132));

            assertThat(process.await(FakeGuest.soon())).contains(new Exited(3));
        }
        assertThat(screen.text()).isEqualTo("ready\r\n50 132\r\n");
    }

    @Test
    void controlCIsTheTerminalsBusinessAndNotTheHosts() throws Exception {
        try (var keys = new PipedOutputStream();
                var keyboard = new PipedInputStream(keys);
                GuestProcess process = start("echo ready; exec sleep 60", keyboard)) {
            screen.await("ready");

            type(keys, "\003");

            assertThat(process.await(FakeGuest.soon())).contains(new Signaled(2));
        }
        assertThat(screen.text()).isEqualTo("ready\r\n^C");
    }

    @Test
    void theEndOfTheInputIsTypedForAProcessThatReadsLines() throws Exception {
        try (var keys = new PipedOutputStream();
                var keyboard = new PipedInputStream(keys);
                GuestProcess process = start("cat", keyboard)) {
            type(keys, "line\n");
            screen.await("line\r\nline\r\n");
            keys.close();

            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }
    }

    @Test
    void aProgramThatIsNotThereIsAnOutcomeToo() throws Exception {
        var command = new GuestCommand(List.of("/no/such"), Map.of(), "/", "root").at(new TerminalSize(1, 1));

        try (GuestProcess process = REAL.session().start(command, new Stdio(null, screen, OutputSink.DISCARD))) {
            assertThat(process.await(FakeGuest.soon())).get().isInstanceOf(Failed.class);
        }
    }

    @Test
    void aTerminalWhoseOutputIsThrownAwayDoesNotBlockItsProcess() throws Exception {
        var command = new GuestCommand(List.of("seq", "100000"), Map.of("PATH", "/usr/bin:/bin"), "/", "root")
                .at(new TerminalSize(0, 0));

        try (GuestProcess process =
                REAL.session().start(command, new Stdio(null, OutputSink.DISCARD, OutputSink.DISCARD))) {
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }
    }

    @Test
    void aSizeBeyondWhatTheKernelKnowsIsNone() {
        assertThatThrownBy(() -> new TerminalSize(24, 65536))
                .hasMessage("a terminal has 0 to 65535 rows and columns, got: 24 and 65536");
        assertThatThrownBy(() -> new TerminalSize(-1, 80)).isInstanceOf(IllegalArgumentException.class);
    }

    private GuestProcess start(String script, @Nullable InputStream keyboard) throws Exception {
        var command = new GuestCommand(
                        List.of("sh", "-c", script), Map.of("PATH", "/usr/bin:/bin", "TERM", "dumb"), "/", "root")
                .at(new TerminalSize(30, 90));
        return REAL.session().start(command, new Stdio(keyboard, screen, OutputSink.DISCARD));
    }

    private static void type(OutputStream keys, String text) throws Exception {
        keys.write(text.getBytes(StandardCharsets.UTF_8));
        keys.flush();
    }

    /** What a person would see. */
    private static final class Screen implements OutputSink {
        private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
        private CountDownLatch changed = new CountDownLatch(1);

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            shown.write(bytes, offset, length);
            changed.countDown();
            changed = new CountDownLatch(1);
        }

        synchronized String text() {
            return shown.toString(StandardCharsets.UTF_8);
        }

        /** Until this is on it. */
        void await(String text) throws InterruptedException {
            for (CountDownLatch next = next(); !text().contains(text); next = next()) {
                next.await();
            }
        }

        private synchronized CountDownLatch next() {
            return changed;
        }
    }
}
