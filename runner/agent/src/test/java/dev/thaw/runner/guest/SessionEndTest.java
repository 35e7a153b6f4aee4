package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SessionEndTest {
    private static final GuestCommand SLEEP = new GuestCommand(List.of("sleep", "9"), Map.of(), "/", "root");

    private final FakeGuest guest;

    SessionEndTest() throws Exception {
        guest = FakeGuest.inSession();
    }

    @AfterEach
    void end() {
        guest.close();
    }

    @Test
    void aGuestThatGoesAwayWakesEverybody() throws Exception {
        List<CompletableFuture<Object>> waiting = waitInEveryWay();

        guest.channel().close();

        for (CompletableFuture<Object> wait : waiting) {
            assertThatThrownBy(() -> FakeGuest.within(wait))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.GUEST_LOST))
                    .hasMessageMatching(
                            "the guest closed its end of the connection|the connection to the guest failed.*");
        }
    }

    @Test
    void aGuestThatSaysGoodbyeWakesEverybody() throws Exception {
        List<CompletableFuture<Object>> waiting = waitInEveryWay();

        guest.send(Frame.GO_AWAY, 0, 0, 2);

        for (CompletableFuture<Object> wait : waiting) {
            assertThatThrownBy(() -> FakeGuest.within(wait)).hasMessage("guestd ended the session with code 2");
        }
    }

    @Test
    void closingWakesEverybodyAndEndsEveryThread() throws Exception {
        List<CompletableFuture<Object>> waiting = waitInEveryWay();

        guest.session().close();
        guest.session().close();

        for (CompletableFuture<Object> wait : waiting) {
            assertThatThrownBy(() -> FakeGuest.within(wait)).hasMessage("the host closed the session");
        }
        for (Thread thread : guestThreads()) {
            assertThat(thread.isDaemon()).isTrue();
            thread.join(FakeGuest.soon().left().toMillis());
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void anOutcomeThatCameBeforeTheEndStillCounts() throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        GuestProcess process = guest.session().start(SLEEP, new Stdio(null, OutputSink.to(output), OutputSink.DISCARD));
        int stdout = guest.nextOpened().id();
        int control = guest.nextOpened().id();
        guest.sendLine(stdout, "slept");
        guest.finish(stdout);
        guest.sendLine(control, "{\"started\":7}");
        guest.sendLine(control, "{\"exited\":0}");
        guest.channel().close();

        assertThat(process.await(FakeGuest.soon())).contains(new ExecOutcome.Exited(0));
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("slept\n");
    }

    @Test
    void anOutputThatEndsWithoutItsEndIsNotTakenForWhole() throws Exception {
        OutputSink sink = OutputSink.to(new ByteArrayOutputStream());
        GuestProcess process = guest.session().start(SLEEP, new Stdio(null, sink, OutputSink.DISCARD));
        int stdout = guest.nextOpened().id();
        int control = guest.nextOpened().id();
        guest.sendLine(stdout, "half of it");
        guest.sendLine(control, "{\"started\":7}");
        guest.sendLine(control, "{\"exited\":0}");
        guest.send(Frame.WINDOW, Frame.RST, stdout, 0);

        assertThatThrownBy(() -> process.await(FakeGuest.soon()))
                .isInstanceOf(RunnerException.class)
                .hasMessage("the end of stdout is missing: guestd has reset this stream");
    }

    @Test
    void anInterruptEndsTheWaitAndCloseWorksOnTheInterruptedThread() throws Exception {
        GuestProcess process = guest.session().start(SLEEP, new Stdio(null, OutputSink.DISCARD, OutputSink.DISCARD));
        int control = guest.nextOpened().id();
        CompletableFuture<Thread> waiter = new CompletableFuture<>();
        CompletableFuture<Boolean> cancelled = FakeGuest.inBackground(() -> {
            waiter.complete(Thread.currentThread());
            assertThatThrownBy(() -> process.await(FakeGuest.soon())).isInstanceOf(InterruptedException.class);
            Thread.currentThread().interrupt();
            process.close();
            return Thread.currentThread().isInterrupted();
        });
        FakeGuest.within(waiter).interrupt();

        assertThat(FakeGuest.within(cancelled)).isTrue();
        FakeGuest.Received reset = guest.next();
        assertThat(reset.id()).isEqualTo(control);
        assertThat(reset.flags()).isEqualTo(Frame.RST);

        CompletableFuture<Boolean> closed = FakeGuest.inBackground(() -> {
            Thread.currentThread().interrupt();
            guest.session().close();
            return Thread.currentThread().isInterrupted();
        });
        assertThat(FakeGuest.within(closed)).isTrue();
        assertThatThrownBy(guest::next).isInstanceOf(IOException.class);
    }

    @Test
    void moreThanAThousandAndTwentyFourStreamsAreNotOpened() throws Exception {
        List<GuestStream> streams = new ArrayList<>();
        CompletableFuture<Boolean> guestd = FakeGuest.doInBackground(() -> {
            for (int i = 0; i < Frame.MAX_STREAMS; i++) {
                guest.sendLine(guest.nextOpened().id(), "{\"ok\":true}");
            }
        });
        for (int i = 0; i < Frame.MAX_STREAMS; i++) {
            streams.add(guest.session().dialUnix("/s", FakeGuest.soon()));
        }
        FakeGuest.within(guestd);

        assertThatThrownBy(() -> guest.session().dialUnix("/s", FakeGuest.soon()))
                .hasMessage("1024 streams to this guest are open already");
        streams.get(7).close();
        CompletableFuture<FakeGuest.Opened> asked = guest.answers("{\"ok\":true}");
        guest.session().dialUnix("/s", FakeGuest.soon()).close();
        FakeGuest.within(asked);
    }

    @Test
    void aGuestThatTakesNothingAndAsksForAnswersIsLost() throws Exception {
        byte[] pings = new byte[Frame.HEADER_BYTES * 10_000];
        for (int i = 0; i < pings.length; i += Frame.HEADER_BYTES) {
            pings[i + 1] = Frame.PING;
            pings[i + 3] = Frame.SYN;
        }
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1000; i++) {
                        guest.write(pings);
                    }
                })
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> guest.session().powerOff(FakeGuest.soon()))
                .hasMessage("the guest takes nothing that the host sends");
    }

    private List<CompletableFuture<Object>> waitInEveryWay() throws Exception {
        OutputSink sink = OutputSink.to(new ByteArrayOutputStream());
        GuestProcess process = guest.session().start(SLEEP, new Stdio(null, sink, sink));
        for (int i = 0; i < 3; i++) {
            guest.nextOpened();
        }
        List<CompletableFuture<Object>> waiting = new ArrayList<>();
        waiting.add(FakeGuest.inBackground(() -> process.await(FakeGuest.soon())));
        waiting.add(FakeGuest.inBackground(() -> guest.session().dialUnix("/s", FakeGuest.soon())));
        guest.nextOpened();
        waiting.add(FakeGuest.inBackground(() -> {
            guest.session().freeze("00", FakeGuest.soon());
            return "frozen";
        }));
        guest.nextOpened();
        return waiting;
    }

    private static List<Thread> guestThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("guest-"))
                .toList();
    }
}
