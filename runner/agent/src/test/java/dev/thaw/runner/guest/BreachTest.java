package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.FakeGuest.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the guest does wrong ends the session, for everybody who waits, with the reason. */
@Timeout(30)
class BreachTest {
    private static final GuestCommand SLEEP = new GuestCommand(List.of("sleep", "9"), Map.of(), "/", "root");

    static Stream<Arguments> breaches() {
        return Stream.of(
                breach("a frame of version 1", g -> g.sendHeader(1, Frame.PING, 0, 0, 0)),
                breach("a frame of type 4", g -> g.send(4, 0, 0, 0)),
                breach("a frame of type 255", g -> g.send(255, 0, 0, 0)),
                breach("a frame with the flags 0x10", g -> g.send(Frame.PING, 16, 0, 0)),
                breach("a data frame of 262145 bytes", g -> g.send(Frame.DATA, 0, 1, Frame.MAX_PAYLOAD + 1)),
                breach("a data frame of 4294967295 bytes", g -> g.send(Frame.DATA, 0, 1, -1)),
                breach("262144 bytes into a window of 262143", g -> {
                    g.sendData(1, new byte[] {'{'});
                    g.send(Frame.DATA, 0, 1, Frame.MAX_PAYLOAD);
                }),
                breach("a stream opened by the guest", g -> g.send(Frame.WINDOW, Frame.SYN, 2, 0)),
                breach("a stream opened by the guest", g -> g.send(Frame.DATA, Frame.SYN, 1, 0)),
                breach("a frame for stream 5, which never existed", g -> g.send(Frame.DATA, 0, 5, 0)),
                breach("a frame for stream 2, which never existed", g -> g.send(Frame.WINDOW, 0, 2, 0)),
                breach("a frame for stream 0, which never existed", g -> g.send(Frame.DATA, 0, 0, 0)),
                breach(
                        "a frame for stream 4294967295, which never existed",
                        g -> g.send(Frame.WINDOW, Frame.RST, -1, 0)),
                breach("a window of 170392", g -> grantOneMoreByte(g)),
                breach("a window of 429522", g -> g.send(Frame.WINDOW, 0, 3, -1)),
                breach("a ping on a stream", g -> g.send(Frame.PING, Frame.SYN, 1, 0)),
                breach("a go-away on a stream", g -> g.send(Frame.GO_AWAY, 0, 1, 0)),
                breach("a line of 4 bytes that is not a JSON object", g -> g.sendLine(1, "ok??")),
                breach("a line that is not a JSON object", g -> g.sendLine(1, "[1]")),
                breach("a line that is not a JSON object", g -> g.sendLine(1, "")),
                breach("a line that is more or less than one JSON object", g -> g.sendLine(1, "{\"ok\":true}{}")),
                breach(
                        "a line of 22 bytes that is not a JSON object",
                        g -> g.sendLine(1, "{\"ok\":true,\"ok\":false}")),
                breach(
                        "a line of 13 bytes that is not a JSON object",
                        g -> g.sendData(1, latin1("{\"error\":\"\u00ff\"}\n\n"))),
                breach("a line of more than 65536 bytes", g -> g.sendData(1, endless())),
                breach("an answer with a value that is no text", g -> g.sendLine(1, "{\"ok\":[true]}")),
                breach("an answer with a value that is no text", g -> g.sendLine(1, "{\"ok\":1.5}")),
                breach("an answer of the wrong shape, with the fields ok", g -> g.sendLine(1, "{\"ok\":false}")),
                breach("an answer of the wrong shape, with the fields ok", g -> g.sendLine(1, "{\"ok\":\"true\"}")),
                breach(
                        "an answer of the wrong shape, with the fields ok, x",
                        g -> g.sendLine(1, "{\"ok\":true,\"x\":1}")),
                breach("half a line at the end of a stream", g -> {
                    g.sendData(1, latin1("{\"ok\""));
                    g.finish(1);
                }),
                breach("no answer to poweroff", g -> g.finish(1)),
                breach("a process without an outcome", g -> g.finish(3)),
                breach("an answer of the wrong shape, with the fields ok", g -> g.sendLine(3, "{\"ok\":true}")),
                breach("an answer of the wrong shape, with the fields started", g -> g.sendLine(3, "{\"started\":0}")),
                breach("an answer of the wrong shape, with the fields exited", g -> g.sendLine(3, "{\"exited\":0}")),
                breach("an answer of the wrong shape, with the fields exited", g -> started(g, "{\"exited\":256}")),
                breach("an answer of the wrong shape, with the fields signaled", g -> started(g, "{\"signaled\":0}")),
                breach("an answer of the wrong shape, with the fields started", g -> started(g, "{\"started\":8}")),
                breach("an answer of the wrong shape, with the fields failed", g -> g.sendLine(3, "{\"failed\":\"\"}")),
                breach(
                        "an answer of the wrong shape, with the fields failed, message",
                        g -> g.sendLine(3, "{\"failed\":\"bored\",\"message\":\"\"}")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("breaches")
    void aBreachEndsTheSessionForEverybodyWhoWaits(String what, Misdeed misdeed) throws Exception {
        try (FakeGuest guest = FakeGuest.inSession()) {
            CompletableFuture<Boolean> poweredOff = FakeGuest.doInBackground(() -> {
                guest.session().powerOff(FakeGuest.soon());
            });
            assertThat(guest.nextOpened().id()).isEqualTo(1);
            GuestProcess process =
                    guest.session().start(SLEEP, new Stdio(null, OutputSink.DISCARD, OutputSink.DISCARD));
            assertThat(guest.nextOpened().id()).isEqualTo(3);

            CompletableFuture<Optional<ExecOutcome>> ended =
                    FakeGuest.inBackground(() -> process.await(FakeGuest.soon()));

            misdeed.against(guest);

            for (CompletableFuture<?> waiting : List.of(poweredOff, ended)) {
                assertThatThrownBy(() -> FakeGuest.within(waiting))
                        .isInstanceOfSatisfying(
                                RunnerException.class,
                                e -> assertThat(e.fault()).isEqualTo(Fault.GUEST_LOST))
                        .hasMessageStartingWith("guestd broke the guest protocol: " + what);
            }
            Received goodbye = guest.next(Frame.GO_AWAY);
            assertThat(goodbye.value()).isEqualTo(Frame.PROTOCOL_ERROR);
            assertThatThrownBy(guest::next).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> guest.session().powerOff(FakeGuest.soon()))
                    .hasMessageStartingWith("guestd broke the guest protocol: " + what);
        }
    }

    private static Arguments breach(String what, Misdeed misdeed) {
        return Arguments.of(what, misdeed);
    }

    private static void started(FakeGuest guest, String line) throws IOException {
        guest.sendLine(3, "{\"started\":7}");
        guest.sendLine(3, line);
    }

    private static void grantOneMoreByte(FakeGuest guest) throws IOException {
        guest.send(Frame.WINDOW, 0, 3, Frame.MAX_WINDOW - Frame.FIRST_WINDOW);
        guest.send(Frame.WINDOW, 0, 3, Frame.FIRST_WINDOW + 1);
    }

    private static byte[] endless() {
        byte[] line = new byte[64 * 1024];
        Arrays.fill(line, (byte) ' ');
        return line;
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    interface Misdeed {
        void against(FakeGuest guest) throws IOException;
    }
}
