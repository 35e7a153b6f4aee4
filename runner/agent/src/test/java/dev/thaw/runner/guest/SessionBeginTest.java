package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.FakeGuest.Opened;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SessionBeginTest {
    @TempDir
    Path directory = Path.of("");

    @Test
    void whatComesBeforeTheEchoIsThrownAway() throws Exception {
        byte[] garbage = new byte[300_000];
        new Random(1).nextBytes(garbage);
        byte[] almost = ("THAW/2 THAW/2 " + "0".repeat(32) + "\nTHAW/2 0123").getBytes(StandardCharsets.UTF_8);
        System.arraycopy(almost, 0, garbage, garbage.length - almost.length, almost.length);

        try (FakeGuest guest = FakeGuest.inSessionAfter(garbage)) {
            CompletableFuture<Opened> asked = guest.answers("{\"ok\":true}");
            guest.session().powerOff(FakeGuest.soon());
            FakeGuest.within(asked);
        }
    }

    @Test
    void aSessionBeginsAgainOverTheSameConnectionAndForgetsWhatWasOnItsWay() throws Exception {
        try (FakeGuest guest = FakeGuest.inSession()) {
            CompletableFuture<Opened> before = guest.answers("{\"ok\":true}");
            guest.session().powerOff(FakeGuest.soon());
            int old = FakeGuest.within(before).id();
            CompletableFuture<Boolean> again =
                    FakeGuest.doInBackground(() -> guest.session().beginAgain(FakeGuest.soon()));
            byte[] line = guest.awaitPreamble();
            // A frame of the session before, the beginning of another, and something that is nearly the echo.
            guest.send(Frame.WINDOW, 0, old, 10);
            guest.write(new byte[] {0, 0, 0});
            guest.write(Preamble.random().line());
            assertThat(again).isNotDone();
            guest.write(line);
            FakeGuest.within(again);

            CompletableFuture<Opened> asked = guest.answers("{\"ok\":true}");
            guest.session().powerOff(FakeGuest.soon());
            // guestd counts anew and takes any first number; ours goes on, so that no late frame can be taken for
            // another's.
            assertThat(FakeGuest.within(asked).id()).isGreaterThan(old);
        }
    }

    @Test
    void aGuestThatIsLostWhileTheSessionBeginsAgainIsAFault() throws Exception {
        try (FakeGuest guest = FakeGuest.inSession()) {
            CompletableFuture<Boolean> again =
                    FakeGuest.doInBackground(() -> guest.session().beginAgain(FakeGuest.soon()));
            guest.awaitPreamble();
            guest.channel().close();

            assertThatThrownBy(() -> FakeGuest.within(again))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                    .hasMessageStartingWith("no other session with guestd: ");
        }
    }

    @Test
    void aGuestThatDoesNotBeginAgainIsGivenUpAtTheDeadline() throws Exception {
        try (FakeGuest guest = FakeGuest.inSession()) {
            assertThatThrownBy(() -> guest.session().beginAgain(Deadline.in(Duration.ofMillis(30))))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                    .hasMessage("guestd did not begin another session before the deadline");
        }
    }

    @Test
    void twoSessionsNeverBeginWithTheSameLine() {
        assertThat(Preamble.random().line())
                .hasSize(40)
                .isNotEqualTo(Preamble.random().line());
        assertThat(new String(Preamble.random().line(), StandardCharsets.US_ASCII))
                .matches("THAW/2 [0-9a-f]{32}\n");
    }

    @Test
    void aGuestThatOnlySendsGarbageIsGivenUp() throws Exception {
        try (ServerSocketChannel server = FakeGuest.listen(directory.resolve("s"))) {
            CompletableFuture<Boolean> babble = FakeGuest.doInBackground(() -> babble(server));

            assertThatThrownBy(() -> GuestSession.open(directory.resolve("s"), Deadline.in(Duration.ofSeconds(20))))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                    .hasMessage("no session with guestd: more than 64 MiB came from the guest"
                            + " and no answer to the preamble");
            assertThatThrownBy(() -> FakeGuest.within(babble)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aGuestThatSaysNothingIsGivenUpAtTheDeadline() throws Exception {
        try (ServerSocketChannel server = FakeGuest.listen(directory.resolve("s"))) {
            assertThatThrownBy(() -> GuestSession.open(directory.resolve("s"), Deadline.in(Duration.ofMillis(30))))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                    .hasMessage("guestd did not answer the preamble before the deadline");
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void aSocketThatComesLaterIsWaitedFor() throws Exception {
        Path socket = directory.resolve("s");
        CompletableFuture<GuestSession> opened =
                FakeGuest.inBackground(() -> GuestSession.open(socket, FakeGuest.soon()));
        assertThat(opened).isNotDone();

        try (ServerSocketChannel server = FakeGuest.listen(socket);
                SocketChannel host = FakeGuest.acceptAndEcho(server, new byte[0])) {
            FakeGuest.within(opened).close();
            assertThat(host.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    @Test
    void aSocketThatRefusesIsTriedAgain() throws Exception {
        Path socket = directory.resolve("s");
        FakeGuest.listen(socket).close();
        CompletableFuture<GuestSession> opened =
                FakeGuest.inBackground(() -> GuestSession.open(socket, FakeGuest.soon()));
        Files.delete(socket);

        try (ServerSocketChannel server = FakeGuest.listen(socket);
                SocketChannel host = FakeGuest.acceptAndEcho(server, new byte[0])) {
            FakeGuest.within(opened).close();
            assertThat(host.isOpen()).isTrue();
        }
    }

    @Test
    void aSocketThatNeverComesIsAFaultAtTheDeadline() {
        Path socket = directory.resolve("s");

        assertThatThrownBy(() -> GuestSession.open(socket, Deadline.in(Duration.ofMillis(20))))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                .hasMessage("nothing accepted a connection at " + socket + " before the deadline");
    }

    @Test
    void waitingForASocketCanBeInterrupted() throws Exception {
        CompletableFuture<Thread> waiter = new CompletableFuture<>();
        CompletableFuture<GuestSession> opened = FakeGuest.inBackground(() -> {
            waiter.complete(Thread.currentThread());
            return GuestSession.open(directory.resolve("s"), FakeGuest.soon());
        });
        FakeGuest.within(waiter).interrupt();

        assertThatThrownBy(() -> FakeGuest.within(opened)).isInstanceOf(InterruptedException.class);
    }

    private static void babble(ServerSocketChannel server) throws IOException {
        try (SocketChannel host = server.accept()) {
            ByteBuffer garbage = ByteBuffer.allocateDirect(1 << 20);
            while (true) {
                host.write(garbage.clear());
            }
        }
    }
}
