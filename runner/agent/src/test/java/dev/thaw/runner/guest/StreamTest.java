package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.guest.FakeGuest.Received;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Windows, ends and resets of one stream. */
@Timeout(30)
@SuppressWarnings("NullAway.Init")
class StreamTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

    private FakeGuest guest;
    private GuestStream stream;

    @BeforeEach
    void begin() throws Exception {
        guest = FakeGuest.inSession();
        CompletableFuture<Integer> dialled = FakeGuest.inBackground(() -> {
            int id = guest.nextOpened().id();
            guest.sendLine(id, "{\"ok\":true}");
            return id;
        });
        stream = guest.session().dialUnix("/s", FakeGuest.soon());
        assertThat(FakeGuest.within(dialled)).isEqualTo(1);
    }

    @AfterEach
    void end() {
        guest.close();
    }

    @Test
    void aConsumerThatDoesNotReadGrantsNothing() throws Exception {
        int line = "{\"ok\":true}\n".length();
        guest.sendData(1, new byte[Frame.FIRST_WINDOW - line]);
        guest.send(Frame.PING, Frame.SYN, 0, 77);

        // The answer to the ping comes behind anything that was granted before it.
        Received pong = guest.next();
        assertThat(pong.type()).isEqualTo(Frame.PING);
        assertThat(pong.flags()).isEqualTo(Frame.ACK);
        assertThat(pong.value()).isEqualTo(77);
        assertThat(stream.input().available()).isEqualTo(Frame.FIRST_WINDOW - line);
    }

    @Test
    void aConsumerGrantsWhatItTakesAndALittleMoreWhenItKeepsUp() throws Exception {
        int sent = Frame.FIRST_WINDOW - "{\"ok\":true}\n".length();
        guest.sendData(1, new byte[sent]);

        stream.input().readNBytes(sent / 2 - 100);
        assertThat(granted()).isZero();
        stream.input().readNBytes(sent - (sent / 2 - 100));
        assertThat(granted()).isBetween(sent / 2, 2 * Frame.FIRST_WINDOW);
    }

    @Test
    void theWindowNeverGrowsBeyondFourMebibytes() throws Exception {
        int window = Frame.FIRST_WINDOW - "{\"ok\":true}\n".length();
        for (int total = 0; total < 32 << 20; ) {
            int piece = Math.min(window, Frame.MAX_PAYLOAD);
            guest.sendData(1, new byte[piece]);
            stream.input().readNBytes(piece);
            total += piece;
            window -= piece;
            window += granted();
            assertThat(window).isBetween(1, Receiver.WIDEST);
        }
        assertThat(window).isGreaterThan(Receiver.WIDEST / 2);
    }

    @Test
    void aWriterStopsAtTheGuestsWindowAndGoesOnWhenItGrows() throws Exception {
        CompletableFuture<Boolean> written = FakeGuest.doInBackground(() -> {
            stream.output().write(new byte[Frame.FIRST_WINDOW + 1]);
        });
        int windowLeft = Frame.FIRST_WINDOW - "{\"op\":\"dial\",\"unix\":\"/s\"}\n".length();
        while (windowLeft > 0) {
            windowLeft -= guest.next(Frame.DATA).value();
        }
        assertThat(windowLeft).isZero();
        guest.send(Frame.PING, Frame.SYN, 0, 1);
        assertThat(guest.next().type()).isEqualTo(Frame.PING);
        assertThat(written).isNotDone();

        guest.send(Frame.WINDOW, 0, 1, 1000);
        assertThat(guest.next(Frame.DATA).value()).isBetween(1, 1000);
        FakeGuest.within(written);
    }

    @Test
    void eachSideCanFinishAndStillHearTheOther() throws Exception {
        stream.output().write(HELLO);
        stream.output().close();
        assertThat(guest.next(Frame.DATA).payload()).isEqualTo(HELLO);
        assertThat(guest.next().flags()).isEqualTo(Frame.FIN);
        assertThatThrownBy(() -> stream.output().write(1)).hasMessage("the host has finished this stream");

        guest.sendData(1, HELLO);
        guest.finish(1);
        assertThat(stream.input().readAllBytes()).isEqualTo(HELLO);
        assertThat(stream.input().read()).isEqualTo(-1);
    }

    @Test
    void dataAfterTheEndIsABreach() throws Exception {
        guest.finish(1);
        guest.sendData(1, HELLO);

        assertThatThrownBy(() -> guest.session().powerOff(FakeGuest.soon()))
                .hasMessage("guestd broke the guest protocol: data on a stream that it had finished");
    }

    @Test
    void theGuestCanFinishAndStillHearTheHost() throws Exception {
        guest.finish(1);
        assertThat(stream.input().readAllBytes()).isEmpty();

        stream.output().write(HELLO);
        assertThat(guest.next(Frame.DATA).payload()).isEqualTo(HELLO);
        stream.close();
        assertThat(guest.next().flags()).isEqualTo(Frame.FIN);
    }

    @Test
    void whatCameBeforeAResetCanStillBeRead() throws Exception {
        guest.sendData(1, HELLO);
        guest.send(Frame.WINDOW, Frame.RST, 1, 0);

        assertThat(stream.input().readNBytes(HELLO.length)).isEqualTo(HELLO);
        assertThatThrownBy(() -> stream.input().read()).hasMessage("guestd has reset this stream");
        assertThatThrownBy(() -> stream.output().write(1)).hasMessage("guestd has reset this stream");
    }

    @Test
    void closingAnUnfinishedStreamResetsItAndLaterFramesForItAreIgnored() throws Exception {
        stream.close();
        stream.close();
        assertThat(guest.next().flags()).isEqualTo(Frame.RST);
        assertThatThrownBy(() -> stream.input().read()).hasMessage("the host has closed this stream");

        guest.sendData(1, new byte[Frame.MAX_PAYLOAD]);
        guest.sendData(1, new byte[Frame.MAX_PAYLOAD]);
        guest.send(Frame.WINDOW, 0, 1, 1);
        guest.finish(1);
        guest.send(Frame.PING, Frame.SYN, 0, 5);
        assertThat(guest.next().value()).isEqualTo(5);
    }

    @Test
    void anInterruptedReadLeavesTheSessionAndTheStreamAlone() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CompletableFuture<Thread> reader = new CompletableFuture<>();
        CompletableFuture<Boolean> interrupted = FakeGuest.inBackground(() -> {
            reader.complete(Thread.currentThread());
            reading.countDown();
            assertThatThrownBy(() -> stream.input().read()).isInstanceOf(InterruptedIOException.class);
            return Thread.interrupted();
        });
        reading.await();
        FakeGuest.within(reader).interrupt();
        assertThat(FakeGuest.within(interrupted)).isTrue();

        guest.sendData(1, HELLO);
        assertThat(stream.input().readNBytes(HELLO.length)).isEqualTo(HELLO);
    }

    @Test
    void aWriterThatIsInterruptedAtAnyMomentNeverTearsAFrame() throws Exception {
        CompletableFuture<Thread> writer = new CompletableFuture<>();
        CompletableFuture<Boolean> written = FakeGuest.doInBackground(() -> {
            writer.complete(Thread.currentThread());
            endlessly(stream.output());
        });
        for (int i = 0; i < 200; i++) {
            FakeGuest.within(writer).interrupt();
            Received frame = guest.next(Frame.DATA);
            assertThat(frame.id()).isEqualTo(1);
            guest.send(Frame.WINDOW, 0, 1, frame.value());
        }
        stream.close();
        FakeGuest.within(written);
    }

    @Test
    void aLineIsOnlyTakenWhole() throws Exception {
        Receiver receiver = new Receiver(new WindowBudget(0), more -> {});
        receiver.announced(8);
        receiver.deliver(ByteBuffer.wrap("ha".getBytes(StandardCharsets.UTF_8)), 2);
        assertThatThrownBy(() -> receiver.readLine(100, Deadline.in(Duration.ZERO)))
                .isInstanceOf(TimeoutException.class);
        receiver.deliver(ByteBuffer.wrap("lf\nrest".getBytes(StandardCharsets.UTF_8)), 6);
        assertThat(receiver.readLine(100, FakeGuest.soon())).asString().isEqualTo("half");
        assertThat(receiver.available()).isEqualTo(3);
    }

    @Test
    void whatIsAnnouncedAndStillOnItsWayIsNotGrantedAgain() throws Exception {
        List<Integer> grants = new ArrayList<>();
        Receiver receiver = new Receiver(new WindowBudget(0), grants::add);
        byte[] most = new byte[Frame.FIRST_WINDOW - 1];
        receiver.announced(Frame.FIRST_WINDOW);
        receiver.deliver(ByteBuffer.wrap(most), 1000);
        receiver.read(most, 0, most.length, FakeGuest.soon());
        assertThat(grants).isEmpty();

        receiver.deliver(ByteBuffer.wrap(most), Frame.FIRST_WINDOW - 1000);
        receiver.read(most, 0, most.length, FakeGuest.soon());
        assertThat(grants).containsExactly(Frame.FIRST_WINDOW);
    }

    @Test
    void whatAllStreamsTogetherHoldBeyondTheirFirstWindowsIsBounded() throws Exception {
        WindowBudget budget = new WindowBudget(3 * Frame.FIRST_WINDOW);
        Receiver first = new Receiver(budget, more -> {});
        Receiver second = new Receiver(budget, more -> {});
        assertThat(windowAfterKeepingUp(first)).isEqualTo(4 * Frame.FIRST_WINDOW);
        assertThat(windowAfterKeepingUp(second)).isEqualTo(Frame.FIRST_WINDOW);

        first.finish();
        assertThat(windowAfterKeepingUp(second)).isEqualTo(4 * Frame.FIRST_WINDOW);
    }

    private int granted() throws IOException {
        guest.send(Frame.PING, Frame.SYN, 0, 0);
        int granted = 0;
        for (Received frame = guest.next(); frame.type() != Frame.PING; frame = guest.next()) {
            granted += frame.type() == Frame.WINDOW ? frame.value() : 0;
        }
        return granted;
    }

    private static int windowAfterKeepingUp(Receiver receiver) throws Exception {
        byte[] piece = new byte[Frame.FIRST_WINDOW / 4];
        for (int i = 0; i < 100; i++) {
            receiver.announced(piece.length);
            receiver.deliver(ByteBuffer.wrap(piece), piece.length);
            receiver.read(piece, 0, piece.length, FakeGuest.soon());
        }
        return receiver.width();
    }

    private static void endlessly(OutputStream output) {
        byte[] bytes = new byte[200_000];
        Arrays.fill(bytes, (byte) 7);
        boolean open = true;
        while (open) {
            try {
                output.write(bytes);
            } catch (InterruptedIOException e) {
                // As a job does that tidies up after it was cancelled.
                Thread.interrupted();
            } catch (IOException e) {
                open = false;
            }
        }
    }
}
