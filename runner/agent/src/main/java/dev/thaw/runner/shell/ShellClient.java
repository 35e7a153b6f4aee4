package dev.thaw.runner.shell;

import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.shell.ShellWire.Frame;
import dev.thaw.runner.shell.ShellWire.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The other side: what this process's user types goes to a guest that another process keeps. */
public final class ShellClient {
    private final ShellSockets sockets;

    public ShellClient(ShellSockets sockets) {
        this.sockets = sockets;
    }

    /**
     * Runs a command in a kept guest, a shell if it is empty, to its end.
     *
     * @return its exit code
     * @throws RunnerException {@code USAGE} if no such guest is kept; {@code GUEST_LOST} if it is discarded meanwhile
     */
    public int run(JobId id, List<String> argv, JobStreams streams) throws RunnerException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connect(channel, id);
            return talk(id, new ShellWire(channel), argv, streams);
        } catch (IOException e) {
            throw discarded(id, e);
        }
    }

    private void connect(SocketChannel channel, JobId id) throws RunnerException {
        try {
            channel.connect(UnixDomainSocketAddress.of(sockets.of(id)));
        } catch (IOException e) {
            throw new RunnerException(
                    Fault.USAGE,
                    "no guest of job " + id
                            + " is kept; a job keeps one that was started with --keep-on-failure and has"
                            + " failed, for as long as its runner says",
                    e);
        }
    }

    private static int talk(JobId id, ShellWire wire, List<String> argv, JobStreams streams)
            throws IOException, RunnerException {
        Terminal terminal = streams.terminal();
        TerminalSize size = terminal == null ? new TerminalSize(0, 0) : terminal.size();
        InputStream stdin = streams.stdin();
        byte[] order = new ShellOrder(argv, stdin != null, terminal).bytes();
        if (order.length > ShellWire.LONGEST) {
            throw new RunnerException(Fault.USAGE, "a command may have " + ShellWire.LONGEST + " bytes here");
        }
        wire.write(Kind.OPEN, order);
        if (stdin != null) {
            // Left behind when the shell ends: a read of a terminal cannot be interrupted.
            ShellServer.daemon("shell-stdin", () -> type(stdin, wire));
        }
        if (terminal == null) {
            return follow(id, wire, streams);
        }
        try (Terminal.Following sizes = terminal.follow(size, now -> resize(wire, now))) {
            return follow(id, wire, streams);
        }
    }

    private static int follow(JobId id, ShellWire wire, JobStreams streams) throws IOException, RunnerException {
        for (Optional<Frame> frame = wire.read(); frame.isPresent(); frame = wire.read()) {
            byte[] bytes = frame.get().bytes();
            switch (frame.get().kind()) {
                case STDOUT -> streams.stdout().write(bytes, 0, bytes.length);
                case STDERR -> streams.stderr().write(bytes, 0, bytes.length);
                case EXIT -> {
                    return Byte.toUnsignedInt(bytes[0]);
                }
                case FAULT -> throw fault(new String(bytes, StandardCharsets.UTF_8));
                case OPEN, INPUT, END_OF_INPUT, RESIZE ->
                    throw new IOException(frame.get().kind() + " is for a keeper");
            }
        }
        throw discarded(id, new IOException("the connection has ended"));
    }

    private static RunnerException fault(String text) {
        String[] parts = text.split("\n", 2);
        return new RunnerException(Fault.valueOf(parts[0]), parts[1]);
    }

    private static RunnerException discarded(JobId id, IOException e) {
        return new RunnerException(Fault.GUEST_LOST, "the guest of job " + id + " is not kept any more", e);
    }

    private static void type(InputStream stdin, ShellWire wire) {
        byte[] chunk = new byte[8 << 10];
        try {
            for (int length = stdin.read(chunk); length >= 0; length = stdin.read(chunk)) {
                wire.write(Kind.INPUT, chunk, 0, length);
            }
            wire.write(Kind.END_OF_INPUT, new byte[0]);
        } catch (IOException e) {
            // The shell has ended.
            return;
        }
    }

    private static void resize(ShellWire wire, TerminalSize size) {
        byte[] bytes = ByteBuffer.allocate(4)
                .putChar((char) size.rows())
                .putChar((char) size.columns())
                .array();
        try {
            wire.write(Kind.RESIZE, bytes);
        } catch (IOException e) {
            // The shell has ended.
            return;
        }
    }
}
