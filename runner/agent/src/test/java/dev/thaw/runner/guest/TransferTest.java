package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Much data, both ways at once. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class TransferTest {
    private static final int MEBIBYTE = 1 << 20;

    private FakeGuest guest;
    private EchoGuest echo;

    @BeforeEach
    void begin() throws Exception {
        guest = FakeGuest.inSession();
        echo = new EchoGuest(guest);
        FakeGuest.aside(echo::run);
    }

    @AfterEach
    void end() {
        guest.close();
    }

    @Test
    void sixtyFourMebibytesComeBackInOrder() throws Exception {
        assertEchoed(64L * MEBIBYTE, 1);
    }

    @Test
    void streamsDoNotMix() throws Exception {
        List<CompletableFuture<Boolean>> transfers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int seed = i;
            transfers.add(FakeGuest.doInBackground(() -> assertEchoed((1L + seed) * MEBIBYTE, seed)));
        }
        for (CompletableFuture<Boolean> transfer : transfers) {
            transfer.get(50, TimeUnit.SECONDS);
        }
    }

    @Test
    void aConsumerThatDoesNotReadHoldsUpItsOwnSenderAndNobodyElse() throws Exception {
        GuestStream idle = guest.session().dialUnix("/idle", FakeGuest.soon());
        CompletableFuture<Boolean> stuck = FakeGuest.doInBackground(() -> Bulk.send(idle.output(), 16L * MEBIBYTE, 0));

        assertEchoed(8L * MEBIBYTE, 1);

        assertThat(stuck).isNotDone();
        assertThat(idle.input().available()).isLessThanOrEqualTo(Frame.FIRST_WINDOW);
        assertThat(echo.mostWaiting()).isLessThanOrEqualTo(Frame.FIRST_WINDOW);
        idle.close();
    }

    private void assertEchoed(long length, int seed) throws Exception {
        try (GuestStream stream = guest.session().dialUnix("/echo", FakeGuest.soon())) {
            CompletableFuture<byte[]> received = FakeGuest.inBackground(() -> Bulk.receive(stream.input()));
            byte[] sent = Bulk.send(stream.output(), length, seed);
            stream.finish();
            assertThat(received.get(50, TimeUnit.SECONDS)).isEqualTo(sent);
        }
    }
}
