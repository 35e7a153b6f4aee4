package dev.thaw.runner.execution;

import dev.thaw.runner.guest.BoundedPipe;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Signals;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.Interaction;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** The end of a step's input and terminal that somebody elsewhere holds. For any thread. */
public final class Attachment {
    /** Of input that no step has read yet. */
    private static final int CAPACITY = 64 << 10;

    private final boolean stdin;
    private final BoundedPipe input = new BoundedPipe(CAPACITY);
    private final @Nullable Terminal terminal;
    private final Signals signals = new Signals();

    /** What a job wishes for. */
    public Attachment(Interaction wish) {
        stdin = wish.stdin();
        terminal = wish.terminal()
                .map(window -> new Terminal(window.type(), new TerminalSize(window.rows(), window.columns())))
                .orElse(null);
    }

    /** Whether there is an input to write to. */
    public boolean hasInput() {
        return stdin;
    }

    /** What a step's streams are connected to. */
    JobStreams streams(OutputSink stdout, OutputSink stderr) {
        return new JobStreams(stdin ? input.input() : null, stdout, stderr, terminal, signals);
    }

    /** What a step's streams are connected to. */
    public JobStreams streams(OutputStream stdout, OutputStream stderr) {
        return streams(OutputSink.to(stdout), OutputSink.to(stderr));
    }

    /** Writes to the input; waits while the step does not read. */
    public void type(byte[] bytes) throws IOException {
        input.output().write(bytes);
    }

    /** The input ends here. */
    public void endInput() throws IOException {
        input.output().close();
    }

    /** Half an input must not look like a whole one: who reads it is told. */
    public void breakOff(String why) {
        input.fail(new IOException(why));
    }

    /** The terminal, if there is one, has another size. */
    public void resize(int rows, int columns) {
        if (terminal != null) {
            terminal.resize(new TerminalSize(rows, columns));
        }
    }

    /** Sends the step a signal, 1 to 64. A step in a container is not reached: Docker has no way to. */
    public void signal(int number) {
        signals.send(number);
    }
}
