package dev.thaw.runner.shell;

import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.execution.KeptGuest;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.BoundedPipe;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.shell.ShellWire.Frame;
import dev.thaw.runner.shell.ShellWire.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The keeper's side of one shell. */
final class ShellSession implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ShellSession.class.getName());
    /** The guest is gone long before. */
    private static final Duration LIMIT = Duration.ofDays(1);

    private final ShellWire wire;
    private final KeptGuest guest;
    private final BoundedPipe input = new BoundedPipe(ShellWire.LONGEST);

    ShellSession(ShellWire wire, KeptGuest guest) {
        this.wire = wire;
        this.guest = guest;
    }

    /** Runs what the other side asks for; returns when the other side has gone, or this was closed. */
    void serve() {
        try {
            Optional<Frame> first = wire.read();
            if (first.isPresent() && first.get().kind() == Kind.OPEN) {
                serve(ShellOrder.parse(first.get().bytes()));
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.DEBUG, "a shell's connection", e);
        }
    }

    @Override
    public void close() {
        wire.close();
        input.fail(new IOException("nobody types any more"));
    }

    private void serve(ShellOrder order) throws IOException {
        var command = new Thread(() -> run(order), "shell-command");
        command.setDaemon(true);
        command.start();
        try {
            for (Optional<Frame> frame = wire.read(); frame.isPresent(); frame = wire.read()) {
                take(frame.get(), order.terminal());
            }
        } finally {
            // Whoever has asked for it has gone.
            command.interrupt();
        }
    }

    private void take(Frame frame, @Nullable Terminal terminal) throws IOException {
        switch (frame.kind()) {
            case INPUT -> input.output().write(frame.bytes());
            case END_OF_INPUT -> input.output().close();
            case RESIZE -> {
                ByteBuffer size = ByteBuffer.wrap(frame.bytes());
                if (terminal != null && size.remaining() == 4) {
                    terminal.resize(new TerminalSize(size.getChar(), size.getChar()));
                }
            }
            case OPEN, STDOUT, STDERR, EXIT, FAULT -> throw new IOException(frame.kind() + " is not for a keeper");
        }
    }

    private void run(ShellOrder order) {
        var streams = new JobStreams(
                order.stdin() ? input.input() : null, to(Kind.STDOUT), to(Kind.STDERR), order.terminal());
        try {
            int code = guest.run(order.command(), streams, Deadline.in(LIMIT));
            wire.write(Kind.EXIT, new byte[] {(byte) code});
        } catch (RunnerException e) {
            tell(e);
        } catch (InterruptedException | IOException e) {
            // Nobody is there any more who could be told.
            LOG.log(System.Logger.Level.DEBUG, "a shell", e);
        } finally {
            close();
        }
    }

    private void tell(RunnerException e) {
        try {
            wire.write(Kind.FAULT, (e.fault().name() + "\n" + e.getMessage()).getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            LOG.log(System.Logger.Level.DEBUG, "a shell", gone);
        }
    }

    private OutputSink to(Kind kind) {
        return (bytes, offset, length) -> wire.write(kind, bytes, offset, length);
    }
}
