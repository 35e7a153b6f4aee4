package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.FakeGuest.Opened;
import dev.thaw.runner.job.Deadline;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GuestSessionTest {
    private static final Identity IDENTITY = new Identity(new byte[64], "0123456789abcdef0123456789abcdef", "thaw-1");

    private final FakeGuest guest;

    GuestSessionTest() throws Exception {
        guest = FakeGuest.inSession();
    }

    @AfterEach
    void end() {
        guest.close();
    }

    @Test
    void anIdentityIsSentWithTheTimeAndConfirmedWithTheNonce() throws Exception {
        CompletableFuture<Opened> asked =
                guest.answers(identityAnswer(nanos(Instant.now()), "00112233445566778899aabbccddeeff"));

        GuestIdentity identity = guest.session().identify(IDENTITY, FakeGuest.soon());

        assertThat(identity.bootNonce()).isEqualTo("00112233445566778899aabbccddeeff");
        assertThat(identity.kernel()).isEqualTo("6.12.1");
        assertThat(identity.clockError().abs()).isLessThan(Duration.ofMillis(100));
        assertThat(FakeGuest.within(asked).line())
                .matches("\\{\"op\":\"identity\",\"time_ns\":1\\d{18},\"entropy\":\"0{128}\","
                        + "\"machine_id\":\"0123456789abcdef0123456789abcdef\",\"hostname\":\"thaw-1\"}");
    }

    @Test
    void aGuestWhoseClockIsMoreThanAHundredMillisecondsOffIsNotUsed() throws Exception {
        CompletableFuture<Opened> asked =
                guest.answers(identityAnswer(nanos(Instant.now().minusSeconds(3)), ""));

        assertThatThrownBy(() -> guest.session().identify(IDENTITY, FakeGuest.soon()))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                .hasMessageContaining("clock is off by -")
                .hasMessageEndingWith("100 ms are allowed");
        FakeGuest.within(asked);
    }

    @Test
    void aGuestThatCannotTakeItsIdentityIsNotUsed() throws Exception {
        CompletableFuture<Opened> asked = guest.answers("{\"error\":\"RNDADDENTROPY: Operation not\\n permitted\"}");

        assertThatThrownBy(() -> guest.session().identify(IDENTITY, FakeGuest.soon()))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                .hasMessage("guestd refused identity: RNDADDENTROPY: Operation not? permitted");
        FakeGuest.within(asked);
    }

    @Test
    void aGuestThatDoesNotConfirmItsIdentityInTimeIsNotUsed() {
        assertThatThrownBy(() -> guest.session().identify(IDENTITY, Deadline.in(Duration.ofMillis(20))))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                .hasMessage("guestd did not answer identity before the deadline");
    }

    @Test
    void aTemplateBeingWarmedSaysSo() throws Exception {
        CompletableFuture<Opened> asked = guest.answers(identityAnswer(1, ""));

        guest.session().identifyWarming(FakeGuest.soon());

        assertThat(FakeGuest.within(asked).line()).isEqualTo("{\"op\":\"identity\",\"warming\":true}");
    }

    @Test
    void freezeReturnsOnceTheGuestHasFinishedAndSendsNothingAfterwards() throws Exception {
        CompletableFuture<Opened> asked = guest.answers("{\"ok\":true}");

        guest.session().freeze("00112233445566778899aabbccddeeff", FakeGuest.soon());

        assertThat(FakeGuest.within(asked).line())
                .isEqualTo("{\"op\":\"freeze\",\"nonce\":\"00112233445566778899aabbccddeeff\"}");
        guest.session().close();
        assertThatThrownBy(() -> guest.next()).hasMessage("the host has hung up");
    }

    @Test
    void aRefusedFreezeIsAFaultOfTheBuildAndLeavesTheSessionAlone() throws Exception {
        CompletableFuture<Opened> asked = guest.answers("{\"error\":\"a process is alive\"}");

        assertThatThrownBy(() -> guest.session().freeze("00", FakeGuest.soon()))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.BUILD))
                .hasMessage("guestd refused freeze: a process is alive");
        FakeGuest.within(asked);

        CompletableFuture<Opened> askedAgain = guest.answers("{\"ok\":true}");
        guest.session().powerOff(FakeGuest.soon());
        assertThat(FakeGuest.within(askedAgain).line()).isEqualTo("{\"op\":\"poweroff\"}");
    }

    @Test
    void aDialledConnectionCarriesTheBytesBehindTheAnswer() throws Exception {
        CompletableFuture<Opened> asked = FakeGuest.inBackground(() -> {
            Opened opened = guest.nextOpened();
            guest.sendLine(opened.id(), "{\"ok\":true}\nhello\nworld");
            guest.finish(opened.id());
            return opened;
        });

        try (GuestStream stream = guest.session().dialUnix("/run/docker.sock", FakeGuest.soon())) {
            assertThat(stream.input().readAllBytes()).isEqualTo("hello\nworld\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(FakeGuest.within(asked).line()).isEqualTo("{\"op\":\"dial\",\"unix\":\"/run/docker.sock\"}");
    }

    @Test
    void aDialThatNothingAnswersIsAConnectExceptionAndNoFault() throws Exception {
        CompletableFuture<Opened> asked = guest.answers("{\"error\":\"Connection refused\"}");

        assertThatThrownBy(() -> guest.session().dialTcp("127.0.0.1:8080", FakeGuest.soon()))
                .isInstanceOf(ConnectException.class)
                .hasMessage("127.0.0.1:8080 in the guest: Connection refused");
        assertThat(FakeGuest.within(asked).line()).isEqualTo("{\"op\":\"dial\",\"tcp\":\"127.0.0.1:8080\"}");
    }

    private static String identityAnswer(long timeNanos, String nonce) {
        return "{\"ok\":true,\"time_ns\":" + timeNanos + ",\"boot_nonce\":\"" + nonce + "\",\"kernel\":\"6.12.1\"}";
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000 + time.getNano();
    }
}
