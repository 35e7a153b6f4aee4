package dev.thaw.runner.cli;

import dev.thaw.runner.client.AttachedInput;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.Interaction;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is typed here, and the size of the terminal here, on their way to a step that an agent runs. */
final class RemoteInput implements AutoCloseable {
    private final AttachedInput input;
    private final Terminal.@Nullable Following sizes;

    private RemoteInput(AttachedInput input, Terminal.@Nullable Following sizes) {
        this.input = input;
        this.sizes = sizes;
    }

    /** What an agent has to be asked for, so that a step has the like of these streams. */
    static Interaction wish(JobStreams streams, Optional<Interaction.Hold> hold) {
        Terminal terminal = streams.terminal();
        return new Interaction(
                streams.stdin() != null,
                terminal == null
                        ? Optional.empty()
                        : Optional.of(new Interaction.Window(
                                terminal.type(),
                                terminal.size().rows(),
                                terminal.size().columns())),
                hold);
    }

    /** Carries from now on, on a thread that is left behind: a read of a terminal cannot be interrupted. */
    static RemoteInput begin(AttachedInput input, JobStreams streams) {
        InputStream stdin = streams.stdin();
        if (stdin != null) {
            var thread = new Thread(() -> carry(stdin, input), "remote-stdin");
            thread.setDaemon(true);
            thread.start();
        }
        Terminal terminal = streams.terminal();
        return new RemoteInput(
                input,
                // Told of the size once more: it may have changed since it was sent along.
                terminal == null ? null : terminal.follow(new TerminalSize(0, 0), size -> resize(input, size)));
    }

    @Override
    public void close() {
        if (sizes != null) {
            sizes.close();
        }
        input.close();
    }

    private static void carry(InputStream stdin, AttachedInput input) {
        byte[] chunk = new byte[32 << 10];
        try {
            for (int length = stdin.read(chunk); length >= 0; length = stdin.read(chunk)) {
                input.type(chunk, 0, length);
            }
            input.end();
        } catch (IOException e) {
            // The step is over, or what is read here broke off: without an end the step is told so.
            input.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void resize(AttachedInput input, TerminalSize size) {
        try {
            input.resize(size.rows(), size.columns());
        } catch (IOException e) {
            // The step is over.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
