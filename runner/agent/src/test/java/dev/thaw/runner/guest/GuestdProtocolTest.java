package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome.Exited;
import dev.thaw.runner.guest.ExecOutcome.Failed;
import dev.thaw.runner.guest.ExecOutcome.Signaled;
import dev.thaw.runner.job.Deadline;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Both ends of docs/guest-protocol.md: this room against guestd itself, as a process on the host. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class GuestdProtocolTest {
    private static final String NONCE = "00112233445566778899aabbccddeeff";
    private static final long MEBIBYTE = 1 << 20;

    @RegisterExtension
    static final RealSession REAL = new RealSession();

    @TempDir
    Path directory;

    @Test
    void theGateTakesTheIdentityInOrderAndTellsTheKernel() throws Exception {
        Identity identity = Identity.random("thaw-1");

        GuestIdentity confirmed = REAL.session().identify(identity, FakeGuest.soon());

        assertThat(confirmed.bootNonce()).isEmpty();
        assertThat(confirmed.kernel()).isEqualTo(System.getProperty("os.version"));
        assertThat(confirmed.clockError().abs()).isLessThan(Duration.ofMillis(100));
        assertThat(REAL.guestd().gateLog().get(0)).startsWith("clock 1");
        assertThat(REAL.guestd().gateLog().subList(1, 4))
                .containsExactly(
                        "entropy " + HexFormat.of().formatHex(identity.entropy()),
                        "machine-id " + identity.machineId(),
                        "hostname thaw-1");
        assertThatThrownBy(() -> REAL.session().identify(identity, FakeGuest.soon()))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE));
    }

    @Test
    void aGuestThatCannotMixEntropyIsNotUsed() throws Exception {
        REAL.guestd().refuse("entropy");

        assertThatThrownBy(() -> REAL.session().identify(Identity.random("h"), FakeGuest.soon()))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                .hasMessageStartingWith("guestd refused identity: ");
    }

    @Test
    void nothingRunsBeforeTheGate() throws Exception {
        try (GuestProcess process = REAL.session().start(shell("true"), quiet())) {
            assertThatThrownBy(() -> process.await(FakeGuest.soon()))
                    .hasMessage("guestd refused to start a process: exec: this session has no identity yet");
        }
    }

    @Test
    void aProcessGetsItsInputItsWholeEnvironmentAndItsDirectory() throws Exception {
        identify();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        GuestCommand command = new GuestCommand(
                List.of(
                        "sh",
                        "-c",
                        "cat; pwd; env | grep -v _= | grep -v PWD= | sort; echo \u00e9\ud83d\ude00 >&2; exit 7"),
                Map.of("PATH", "/usr/bin:/bin", "A", "b=c \n"),
                "/usr",
                "root");
        InputStream in = new ByteArrayInputStream("typed\n".getBytes(StandardCharsets.UTF_8));

        try (GuestProcess process =
                REAL.session().start(command, new Stdio(in, OutputSink.to(out), OutputSink.to(err)))) {
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(7));
        }
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .contains("typed", "/usr", "A=b=c ", "PATH=/usr/bin:/bin")
                .doesNotContain("HOME=/root");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("\u00e9\ud83d\ude00\n");
    }

    @Test
    void everyFailureToStartHasItsReason() throws Exception {
        identify();
        assertThat(outcome(new GuestCommand(List.of("no-such"), Map.of("PATH", "/bin"), "/", "root")))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.reason()).isEqualTo("not-found"));
        assertThat(outcome(new GuestCommand(List.of("/etc/passwd"), Map.of(), "/", "root"))
                        .exitCode())
                .isEqualTo(126);
        assertThat(outcome(new GuestCommand(List.of("/bin/true"), Map.of(), "/no/such", "root")))
                .isEqualTo(new Failed("bad-cwd", "/no/such: No such file or directory"));
        assertThat(outcome(new GuestCommand(List.of("/bin/true"), Map.of(), "/", "nobody-at-all")))
                .isEqualTo(new Failed("bad-user", "nobody-at-all: no such user"));
    }

    @Test
    void aSignalReachesTheGroup() throws Exception {
        identify();
        CountDownLatch ready = new CountDownLatch(1);
        Stdio stdio = new Stdio(null, (bytes, offset, length) -> ready.countDown(), OutputSink.DISCARD);

        try (GuestProcess process = REAL.session().start(shell("sleep 60 & echo ready; wait"), stdio)) {
            assertThat(ready.await(10, TimeUnit.SECONDS)).isTrue();
            process.signal(15);
            assertThat(process.await(FakeGuest.soon())).contains(new Signaled(15));
        }
    }

    @Test
    void closingAProcessKillsItsGroup() throws Exception {
        identify();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CountDownLatch ready = new CountDownLatch(1);
        OutputSink sink = (bytes, offset, length) -> {
            out.write(bytes, offset, length);
            ready.countDown();
        };
        GuestProcess process =
                REAL.session().start(shell("echo $$; sleep 60"), new Stdio(null, sink, OutputSink.DISCARD));
        assertThat(ready.await(10, TimeUnit.SECONDS)).isTrue();
        ProcessHandle shell = handle(out);

        process.close();

        assertThat(shell.onExit().get(10, TimeUnit.SECONDS).isAlive()).isFalse();
    }

    @Test
    void aBackgroundProcessIsNeitherWaitedForNorKilled() throws Exception {
        identify();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Stdio stdio = new Stdio(null, OutputSink.to(out), OutputSink.DISCARD);

        try (GuestProcess process = REAL.session().start(shell("sleep 60 & echo $!"), stdio)) {
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }
        assertThat(outcome(shell("true"))).isEqualTo(new Exited(0));
        ProcessHandle sleeping = handle(out);
        assertThat(sleeping.isAlive()).isTrue();
        sleeping.destroyForcibly();
    }

    @Test
    void sixtyFourMebibytesGoThroughAProcessBothWays() throws Exception {
        identify();
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        OutputSink digest = received::update;

        try (GuestProcess process = REAL.session()
                .start(shell("cat"), new Stdio(Bulk.source(64 * MEBIBYTE, 3), digest, OutputSink.DISCARD))) {
            assertThat(process.await(Deadline.in(Duration.ofSeconds(50)))).contains(new Exited(0));
        }
        assertThat(received.digest()).isEqualTo(Bulk.send(OutputStream.nullOutputStream(), 64 * MEBIBYTE, 3));
    }

    @Test
    void aSinkThatDoesNotTakeItsBytesHoldsUpTheProcessAndNobodyElse() throws Exception {
        identify();
        CountDownLatch full = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OutputSink stuck = (bytes, offset, length) -> {
            full.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.write(bytes, offset, length);
        };

        try (GuestProcess process =
                REAL.session().start(shell("head -c 16777216 /dev/zero"), new Stdio(null, stuck, OutputSink.DISCARD))) {
            assertThat(full.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(outcome(shell("true"))).isEqualTo(new Exited(0));
            assertThat(process.await(Deadline.in(Duration.ofMillis(20)))).isEmpty();
            go.countDown();
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }
        assertThat(out.size()).isEqualTo(16 * MEBIBYTE);
    }

    @Test
    void aHundredProcessesAtOnceKeepTheirOutputsApart() throws Exception {
        identify();
        List<CompletableFuture<String>> outputs = IntStream.range(0, 100)
                .mapToObj(i -> FakeGuest.inBackground(() -> {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    Stdio stdio = new Stdio(null, OutputSink.to(out), OutputSink.DISCARD);
                    try (GuestProcess process = REAL.session().start(shell("echo " + i), stdio)) {
                        assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
                    }
                    return out.toString(StandardCharsets.UTF_8).strip();
                }))
                .toList();
        for (int i = 0; i < outputs.size(); i++) {
            assertThat(FakeGuest.within(outputs.get(i))).isEqualTo(String.valueOf(i));
        }
    }

    @Test
    void aCommandOfAlmostOneMebibyteIsTaken() throws Exception {
        identify();
        // An argument can have 128 KiB on Linux.
        String[] arguments = new String[8];
        Arrays.fill(arguments, "x".repeat(130_000));
        List<String> argv = new ArrayList<>(List.of("/bin/true"));
        argv.addAll(List.of(arguments));

        assertThat(outcome(new GuestCommand(argv, Map.of(), "/", "root"))).isEqualTo(new Exited(0));
    }

    @Test
    void aSocketOfTheGuestCanBeDialledWithHalfClose() throws Exception {
        identify();
        Path socket = directory.resolve("s");
        try (ServerSocketChannel server = FakeGuest.listen(socket)) {
            FakeGuest.aside(() -> {
                try (SocketChannel peer = server.accept()) {
                    InputStream in = Channels.newInputStream(peer);
                    String request = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                    Channels.newOutputStream(peer).write((request + "pong").getBytes(StandardCharsets.UTF_8));
                }
            });
            try (GuestStream stream = REAL.session().dialUnix(socket.toString(), FakeGuest.soon())) {
                stream.output().write("ping".getBytes(StandardCharsets.UTF_8));
                stream.output().close();
                assertThat(stream.input().readAllBytes()).asString().isEqualTo("pingpong");
            }
        }
    }

    @Test
    void aPortOfTheGuestCanBeDialled() throws Exception {
        identify();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            CompletableFuture<byte[]> received = FakeGuest.inBackground(() -> {
                try (Socket peer = server.accept()) {
                    return Bulk.receive(peer.getInputStream());
                }
            });
            byte[] sent;
            try (GuestStream stream = REAL.session().dialTcp("127.0.0.1:" + server.getLocalPort(), FakeGuest.soon())) {
                sent = Bulk.send(stream.output(), 4 * MEBIBYTE, 5);
                stream.finish();
                assertThat(stream.input().read()).isEqualTo(-1);
            }
            assertThat(FakeGuest.within(received)).isEqualTo(sent);
        }
    }

    @Test
    void aDialThatNothingAnswersSaysWhy() throws Exception {
        identify();
        assertThatThrownBy(() -> REAL.session().dialUnix("/no/such/socket", FakeGuest.soon()))
                .isInstanceOf(ConnectException.class)
                .hasMessageStartingWith("/no/such/socket in the guest: ");
        assertThatThrownBy(() -> REAL.session().dialTcp("10.0.0.1:80", FakeGuest.soon()))
                .isInstanceOf(ConnectException.class);
        assertThat(outcome(shell("true"))).isEqualTo(new Exited(0));
    }

    @Test
    void aWarmedGuestIsFrozenAndKnowsItsNonceInTheNextSession() throws Exception {
        REAL.session().identifyWarming(FakeGuest.soon());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        InputStream in = new ByteArrayInputStream(new byte[100_000]);
        try (GuestProcess process =
                REAL.session().start(shell("wc -c"), new Stdio(in, OutputSink.to(out), OutputSink.to(out)))) {
            assertThat(process.await(FakeGuest.soon())).contains(new Exited(0));
        }
        assertThat(out.toString(StandardCharsets.UTF_8).strip()).isEqualTo("100000");
        REAL.session().freeze(NONCE, FakeGuest.soon());
        REAL.session().close();

        REAL.comeBack();
        assertThat(REAL.session()
                        .identify(Identity.random("h"), FakeGuest.soon())
                        .bootNonce())
                .isEqualTo(NONCE);
    }

    @Test
    void aGuestThatWasOnlyExercisedTakesItsIdentityWhenTheSessionBeginsAgainAndNothingRunsBefore() throws Exception {
        for (int i = 0; i < 50; i++) {
            REAL.session().identifyWarming(FakeGuest.soon());
            assertThat(trueEndsWith()).contains(new Exited(0));
            REAL.session().beginAgain(FakeGuest.soon());
        }
        assertThatThrownBy(this::trueEndsWith)
                .hasMessage("guestd refused to start a process: exec: this session has no identity yet");
        assertThat(REAL.guestd().directory().resolve("gate.log")).doesNotExist();

        REAL.session().identify(Identity.random("thaw-2"), FakeGuest.soon());

        assertThat(trueEndsWith()).contains(new Exited(0));
        assertThat(REAL.guestd().gateLog()).hasSize(4).contains("hostname thaw-2");
    }

    private Optional<ExecOutcome> trueEndsWith() throws Exception {
        try (GuestProcess process = REAL.session().start(shell("true"), quiet())) {
            return process.await(FakeGuest.soon());
        }
    }

    @Test
    void aJobsSessionDoesNotBeginAgain() throws Exception {
        identify();

        assertThatThrownBy(() -> REAL.session().beginAgain(FakeGuest.soon()))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE));
        assertThat(REAL.guestd().awaitEnd()).isPositive();
    }

    @Test
    void aGuestWithARunningProcessIsNotFrozen() throws Exception {
        REAL.session().identifyWarming(FakeGuest.soon());
        try (GuestProcess process = REAL.session().start(shell("sleep 60"), quiet())) {
            assertThatThrownBy(() -> REAL.session().freeze(NONCE, FakeGuest.soon()))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.BUILD))
                    .hasMessageContaining("a process is still running");
            assertThat(process.await(Deadline.in(Duration.ZERO))).isEmpty();
        }
    }

    @Test
    void hangingUpEndsAGuestWithAnIdentity() throws Exception {
        identify();
        REAL.session().close();
        assertThat(REAL.guestd().awaitEnd()).isEqualTo(3);
    }

    @Test
    void powerOffEndsTheGuest() throws Exception {
        identify();
        REAL.session().powerOff(FakeGuest.soon());
        assertThat(REAL.guestd().awaitEnd()).isZero();
        assertThatThrownBy(() -> REAL.session().powerOff(FakeGuest.soon()))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.GUEST_LOST));
    }

    private void identify() throws Exception {
        REAL.session().identify(Identity.random("thaw-test"), FakeGuest.soon());
    }

    private ExecOutcome outcome(GuestCommand command) throws Exception {
        try (GuestProcess process = REAL.session().start(command, quiet())) {
            return process.await(FakeGuest.soon()).orElseThrow();
        }
    }

    private static ProcessHandle handle(ByteArrayOutputStream pid) {
        return ProcessHandle.of(
                        Long.parseLong(pid.toString(StandardCharsets.UTF_8).strip()))
                .orElseThrow();
    }

    private static Stdio quiet() {
        return new Stdio(null, OutputSink.DISCARD, OutputSink.DISCARD);
    }

    private static GuestCommand shell(String script) {
        return new GuestCommand(List.of("sh", "-c", script), Map.of("PATH", "/usr/bin:/bin"), "/", "root");
    }
}
