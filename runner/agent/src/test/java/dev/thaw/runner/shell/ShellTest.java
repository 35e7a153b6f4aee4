package dev.thaw.runner.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.os.RunnerHome;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both sides over a real socket. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class ShellTest {
    private static final JobId ID = new JobId("kept");

    @TempDir
    Path directory;

    private final FakeGuestShell guest = new FakeGuestShell();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private ShellSockets sockets;
    private ShellServer server;

    @BeforeEach
    void open() throws Exception {
        sockets = new ShellSockets(new RunnerHome(directory, directory));
        server = ShellServer.open(sockets.of(ID), guest);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void outputsErrorsAndTheCodeComeBack() throws Exception {
        assertThat(run("both", null, null)).isEqualTo(200);
        assertThat(out).hasToString("out");
        assertThat(err).hasToString("err");
    }

    @Test
    void aLargeInputComesBackWhole() throws Exception {
        byte[] much = new byte[3_000_000];
        new Random(7).nextBytes(much);
        assertThat(run("cat", new ByteArrayInputStream(much), null)).isZero();
        assertThat(out.toByteArray()).isEqualTo(much);
    }

    @Test
    void aCommandWithoutInputHasNone() throws Exception {
        assertThat(run("cat", null, null)).isEqualTo(1);
    }

    @Test
    void sizesOfTheTerminalGoAlong() throws Exception {
        var terminal = new Terminal("xterm", new TerminalSize(30, 90));
        CompletableFuture<Integer> code = inBackground("window", terminal);
        assertThat(guest.sizes.poll(30, TimeUnit.SECONDS)).isEqualTo(new TerminalSize(30, 90));
        terminal.resize(new TerminalSize(65535, 65535));
        assertThat(guest.sizes.poll(30, TimeUnit.SECONDS)).isEqualTo(new TerminalSize(65535, 65535));
        terminal.resize(new TerminalSize(1, 1));
        assertThat(code.get(30, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void aFaultIsTheSameOnTheOtherSide() {
        var thrown = catchThrowableOfType(RunnerException.class, () -> run("fault", null, null));
        assertThat(thrown.fault()).isEqualTo(Fault.CONTAINER);
        assertThat(thrown).hasMessage("two\nlines");
    }

    @Test
    void aGuestThatIsDiscardedEndsTheShell() throws Exception {
        CompletableFuture<Integer> code = inBackground("sleep", null);
        assertThat(guest.asleep.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(sockets.kept()).containsExactly(ID);
        server.close();
        var thrown = catchThrowableOfType(ExecutionException.class, () -> code.get(30, TimeUnit.SECONDS));
        assertThat(thrown).hasRootCauseInstanceOf(IOException.class);
        assertThat(thrown.getCause()).hasMessage("the guest of job kept is not kept any more");
        assertThat(guest.interrupted.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(sockets.kept()).isEmpty();
    }

    @Test
    void whoGoesAwayTakesTheCommandAlong() throws Exception {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(sockets.of(ID)));
            new ShellWire(channel).write(ShellWire.Kind.OPEN, new ShellOrder(List.of("sleep"), false, null).bytes());
        }
        assertThat(guest.interrupted.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void nonsenseEndsItsOwnConnectionAndNoOther() throws Exception {
        for (String nonsense : List.of("xxxxxxxxxxxxxx", "o\0\0\0\2[]", "o\1\1\1\1", "1\0\0\0\0", "o\0\0\0\3{{{")) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(sockets.of(ID)));
                channel.write(ByteBuffer.wrap(nonsense.getBytes(StandardCharsets.ISO_8859_1)));
                channel.shutdownOutput();
                assertThat(ended(channel)).isTrue();
            }
        }
        assertThat(run("both", null, null)).isEqualTo(200);
    }

    @Test
    void onlyThisUserReachesTheSocket() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sockets.of(ID))))
                .isEqualTo("rw-------");
    }

    @Test
    void whatADeadKeeperLeftIsNoGuestAndIsRemoved() throws Exception {
        Path stale = sockets.of(new JobId("dead"));
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(stale));
        }
        assertThat(stale).exists();
        assertThat(sockets.kept()).containsExactly(ID);
        assertThat(stale).doesNotExist();
        var thrown = catchThrowableOfType(
                RunnerException.class,
                () -> new ShellClient(sockets).run(new JobId("dead"), List.of(), streams(null, null)));
        assertThat(thrown.fault()).isEqualTo(Fault.USAGE);
        assertThat(thrown).hasMessageStartingWith("no guest of job dead is kept; ");
    }

    /** Whether the other side hangs up, in whatever way, without a word. */
    private static boolean ended(SocketChannel channel) {
        try {
            return channel.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    private int run(String word, @Nullable InputStream stdin, @Nullable Terminal terminal) throws Exception {
        return new ShellClient(sockets).run(ID, List.of(word), streams(stdin, terminal));
    }

    private CompletableFuture<Integer> inBackground(String word, @Nullable Terminal terminal) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return run(word, null, terminal);
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
    }

    private JobStreams streams(@Nullable InputStream stdin, @Nullable Terminal terminal) {
        return new JobStreams(stdin, OutputSink.to(out), OutputSink.to(err), terminal);
    }
}
