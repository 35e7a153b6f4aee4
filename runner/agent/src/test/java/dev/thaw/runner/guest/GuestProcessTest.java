package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome.Exited;
import dev.thaw.runner.guest.ExecOutcome.Failed;
import dev.thaw.runner.guest.ExecOutcome.Signaled;
import dev.thaw.runner.guest.FakeGuest.Opened;
import dev.thaw.runner.guest.FakeGuest.Received;
import dev.thaw.runner.job.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
@SuppressWarnings("NullAway.Init")
class GuestProcessTest {
    private static final GuestCommand MAKE =
            new GuestCommand(List.of("make", "-j2"), Map.of("PATH", "/bin", "A", "b=c"), "/workspace", "build");
    private static final Stdio QUIET = new Stdio(null, OutputSink.DISCARD, OutputSink.DISCARD);

    private FakeGuest guest;

    @BeforeEach
    void begin() throws Exception {
        guest = FakeGuest.inSession();
    }

    @AfterEach
    void end() {
        guest.close();
    }

    @Test
    void aProcessIsStartedWithItsStreamsBeforeIt() throws Exception {
        Stdio stdio = new Stdio(
                InputStream.nullInputStream(),
                OutputSink.to(new ByteArrayOutputStream()),
                OutputSink.to(new ByteArrayOutputStream()));

        try (GuestProcess process = guest.session().start(MAKE, stdio)) {
            assertThat(guest.nextOpened().line()).isEqualTo("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":0}");
            assertThat(guest.nextOpened().line()).isEqualTo("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}");
            assertThat(guest.nextOpened().line()).isEqualTo("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":2}");
            assertThat(guest.nextOpened().line())
                    .isEqualTo("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"make\",\"-j2\"],"
                            + "\"env\":[\"A=b=c\",\"PATH=/bin\"],\"cwd\":\"/workspace\",\"user\":\"build\"}");
            assertThat(process.await(Deadline.in(Duration.ofMillis(1)))).isEmpty();
        }
    }

    @Test
    void theOutcomeComesAfterTheLastByteOfOutputIsWithTheSink() throws Exception {
        CountDownLatch sinkMayGoOn = new CountDownLatch(1);
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        OutputSink slow = (bytes, offset, length) -> {
            try {
                sinkMayGoOn.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            taken.write(bytes, offset, length);
        };

        try (GuestProcess process = guest.session().start(MAKE, new Stdio(null, slow, OutputSink.DISCARD))) {
            int stdout = guest.nextOpened().id();
            int control = guest.nextOpened().id();
            guest.sendLine(stdout, "built");
            guest.finish(stdout);
            ends(control, "{\"exited\":0}");

            assertThat(process.await(Deadline.in(Duration.ofMillis(50)))).isEmpty();
            sinkMayGoOn.countDown();
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
            assertThat(taken.toString(StandardCharsets.UTF_8)).isEqualTo("built\n");
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }
    }

    @Test
    void theStartCanBeWaitedForAlone() throws Exception {
        try (GuestProcess process = guest.session().start(MAKE, QUIET)) {
            int control = guest.nextOpened().id();
            assertThat(process.awaitStarted(Deadline.in(Duration.ofMillis(1)))).isFalse();
            guest.sendLine(control, "{\"started\":7}");
            assertThat(process.awaitStarted(FakeGuest.soon())).isTrue();
            assertThat(process.awaitStarted(FakeGuest.soon())).isTrue();
            guest.sendLine(control, "{\"exited\":0}");
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }
    }

    @Test
    void aProcessThatCannotStartHasItsOutcomeWhenItsStartIsWaitedFor() throws Exception {
        try (GuestProcess process = guest.session().start(MAKE, QUIET)) {
            guest.sendLine(guest.nextOpened().id(), "{\"failed\":\"bad-user\",\"message\":\"build\"}");
            assertThat(process.awaitStarted(FakeGuest.soon())).isTrue();
            assertThat(process.await(FakeGuest.soon())).contains(new Failed("bad-user", "build"));
        }
    }

    @Test
    void everyWayToEndHasTheExitCodeOfAShell() throws Exception {
        assertThat(outcomeOf("{\"exited\":3}").exitCode()).isEqualTo(3);
        assertThat(outcomeOf("{\"signaled\":9}")).isEqualTo(new Signaled(9));
        assertThat(new Signaled(9).exitCode()).isEqualTo(137);
        assertThat(new Failed("not-found", "").exitCode()).isEqualTo(127);
        assertThat(new Failed("not-executable", "").exitCode()).isEqualTo(126);
        assertThat(new Failed("bad-cwd", "").exitCode()).isEqualTo(125);
        assertThat(new Failed("bad-user", "").exitCode()).isEqualTo(125);
        assertThat(new Failed("resources", "").exitCode()).isEqualTo(125);
    }

    @Test
    void aProgramThatDoesNotExistIsAnOutcomeAndNoFault() throws Exception {
        try (GuestProcess process = guest.session().start(MAKE, QUIET)) {
            int control = guest.nextOpened().id();
            guest.sendLine(control, "{\"failed\":\"not-found\",\"message\":\"make: No such file\"}");
            guest.finish(control);

            assertThat(process.await(FakeGuest.soon())).contains(new Failed("not-found", "make: No such file"));
        }
    }

    @Test
    void aCommandThatGuestdRefusesIsAFaultOfThatCommandAlone() throws Exception {
        try (GuestProcess process = guest.session().start(MAKE, QUIET)) {
            guest.sendLine(guest.nextOpened().id(), "{\"error\":\"no identity\"}");

            assertThatThrownBy(() -> process.await(FakeGuest.soon()))
                    .isInstanceOf(RunnerException.class)
                    .hasMessage("guestd refused to start a process: no identity");
            assertThatThrownBy(() -> process.await(FakeGuest.soon()))
                    .hasMessage("guestd refused to start a process: no identity");
        }
        CompletableFuture<Opened> asked = guest.answers("{\"ok\":true}");
        guest.session().powerOff(FakeGuest.soon());
        FakeGuest.within(asked);
    }

    @Test
    void standardInputIsCopiedToItsEnd() throws Exception {
        PipedOutputStream typed = new PipedOutputStream();
        try (PipedInputStream terminal = new PipedInputStream(typed);
                GuestProcess process =
                        guest.session().start(MAKE, new Stdio(terminal, OutputSink.DISCARD, OutputSink.DISCARD))) {
            int stdin = guest.nextOpened().id();
            int control = guest.nextOpened().id();

            typed.write("typed".getBytes(StandardCharsets.UTF_8));
            typed.close();
            Received bytes = guest.next();
            assertThat(bytes.id()).isEqualTo(stdin);
            assertThat(bytes.text()).isEqualTo("typed");
            Received end = guest.next();
            assertThat(end.id()).isEqualTo(stdin);
            assertThat(end.flags()).isEqualTo(Frame.FIN);
            ends(control, "{\"exited\":0}");
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }
    }

    @Test
    void anInputThatNobodyTypesDoesNotHoldUpTheEnd() throws Exception {
        try (PipedOutputStream typed = new PipedOutputStream();
                PipedInputStream terminal = new PipedInputStream(typed);
                GuestProcess process =
                        guest.session().start(MAKE, new Stdio(terminal, OutputSink.DISCARD, OutputSink.DISCARD))) {
            guest.nextOpened();
            ends(guest.nextOpened().id(), "{\"exited\":0}");

            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }
    }

    @Test
    void anInputThatCannotBeReadKillsTheProcess() throws Exception {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("disk on fire");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return read();
            }
        };

        try (GuestProcess process =
                guest.session().start(MAKE, new Stdio(broken, OutputSink.DISCARD, OutputSink.DISCARD))) {
            assertThatThrownBy(() -> process.await(FakeGuest.soon()))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.HOST))
                    .hasMessage("the standard input of the process cannot be read: disk on fire");
            assertThat(nextReset()).isPositive();
        }
    }

    @Test
    void anOutputThatCannotBeDeliveredKillsTheProcess() throws Exception {
        OutputSink full = (bytes, offset, length) -> {
            throw new IOException("No space left on device");
        };

        try (GuestProcess process = guest.session().start(MAKE, new Stdio(null, full, OutputSink.DISCARD))) {
            int stdout = guest.nextOpened().id();
            int control = guest.nextOpened().id();
            guest.sendLine(control, "{\"started\":7}");
            guest.sendLine(stdout, "text");

            assertThatThrownBy(() -> process.await(FakeGuest.soon()))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.HOST))
                    .hasMessage("stdout of the process cannot be delivered: No space left on device");
            assertThat(List.of(nextReset(), nextReset())).containsExactlyInAnyOrder(stdout, control);
        }
    }

    @Test
    void signalsGoToTheProcessAndClosingKillsIt() throws Exception {
        GuestProcess process = guest.session().start(MAKE, QUIET);
        int control = guest.nextOpened().id();
        guest.sendLine(control, "{\"started\":7}");

        process.signal(15);
        process.signal(2);
        assertThat(guest.next(Frame.DATA).text()).isEqualTo("{\"signal\":15}\n");
        assertThat(guest.next(Frame.DATA).text()).isEqualTo("{\"signal\":2}\n");

        process.close();
        process.close();
        assertThat(nextReset()).isEqualTo(control);
        process.signal(9);
    }

    @Test
    void closingAfterTheOutcomeResetsNothing() throws Exception {
        GuestProcess process = guest.session().start(MAKE, QUIET);
        int control = guest.nextOpened().id();
        ends(control, "{\"exited\":0}");
        assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        process.close();

        Received last = guest.next();
        assertThat(last.id()).isEqualTo(control);
        assertThat(last.flags()).isEqualTo(Frame.FIN);
        CompletableFuture<Opened> asked = guest.answers("{\"ok\":true}");
        guest.session().powerOff(FakeGuest.soon());
        assertThat(FakeGuest.within(asked).id()).isEqualTo(control + 2);
    }

    @Test
    void aCommandOfMoreThanOneMebibyteIsWrongUsage() {
        GuestCommand huge = new GuestCommand(List.of("a", "x".repeat(1 << 20)), Map.of(), "/", "root");

        assertThatThrownBy(() -> guest.session().start(huge, QUIET))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.USAGE))
                .hasMessageStartingWith("a command and its environment can be 1 MiB together");
    }

    private ExecOutcome outcomeOf(String line) throws Exception {
        try (GuestProcess process = guest.session().start(MAKE, QUIET)) {
            ends(guest.nextOpened().id(), line);
            return process.await(FakeGuest.soon()).orElseThrow();
        }
    }

    private void ends(int control, String outcome) throws IOException {
        guest.sendLine(control, "{\"started\":412}");
        guest.sendLine(control, outcome);
        guest.finish(control);
    }

    private int nextReset() throws IOException {
        Received frame = guest.next();
        while ((frame.flags() & Frame.RST) == 0) {
            frame = guest.next();
        }
        return frame.id();
    }
}
