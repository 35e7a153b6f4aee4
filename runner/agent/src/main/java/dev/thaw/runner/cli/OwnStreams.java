package dev.thaw.runner.cli;

import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.os.HostTerminal;
import dev.thaw.runner.os.Subprocess;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** This process's own streams and terminal, for a program in a guest; closed, the terminal is as it was. */
final class OwnStreams implements AutoCloseable {
    /** What {@code docker run -t} has where nobody says. */
    private static final String TYPE = "xterm";

    private final JobStreams streams;
    private final @Nullable HostTerminal keyboard;
    private final HostTerminal.Guard sizes;
    private HostTerminal.@Nullable Guard raw;

    private OwnStreams(JobStreams streams, @Nullable HostTerminal keyboard, HostTerminal.Guard sizes) {
        this.streams = streams;
        this.keyboard = keyboard;
        this.sizes = sizes;
    }

    /**
     * Standard output and error, and standard input if it is wanted.
     *
     * @throws RunnerException {@code USAGE} if a terminal is wanted to be typed at, and standard input is none
     */
    static OwnStreams open(boolean input, boolean terminal, Map<String, String> environment)
            throws RunnerException, InterruptedException {
        InputStream stdin = input ? new FileInputStream(FileDescriptor.in) : null;
        OutputSink stdout = OutputSink.to(new FileOutputStream(FileDescriptor.out));
        OutputSink stderr = OutputSink.to(new FileOutputStream(FileDescriptor.err));
        if (!terminal) {
            return new OwnStreams(new JobStreams(stdin, stdout, stderr), null, () -> {});
        }
        var subprocess = new Subprocess(environment);
        Optional<HostTerminal> keyboard = HostTerminal.at(0, subprocess);
        if (input && keyboard.isEmpty()) {
            throw new RunnerException(
                    Fault.USAGE, "-i with -t needs a terminal as standard input; leave out -t, or -i");
        }
        Optional<HostTerminal> screen = HostTerminal.at(1, subprocess).or(() -> keyboard);
        var own = new Terminal(
                screen.isPresent() ? environment.getOrDefault("TERM", TYPE) : TYPE, new TerminalSize(0, 0));
        HostTerminal.Guard sizes = screen.isEmpty()
                ? () -> {}
                : screen.get().watch((rows, columns) -> own.resize(new TerminalSize(rows, columns)));
        return new OwnStreams(new JobStreams(stdin, stdout, stderr, own), input ? keyboard.orElse(null) : null, sizes);
    }

    JobStreams streams() {
        return streams;
    }

    /** From now on every key goes to the guest: Ctrl-C, too. */
    void beginTyping() throws RunnerException, InterruptedException {
        if (keyboard != null && raw == null) {
            raw = keyboard.raw();
        }
    }

    /** From now on Ctrl-C is this process's again. */
    void endTyping() {
        if (raw != null) {
            raw.close();
            raw = null;
        }
    }

    @Override
    public void close() {
        endTyping();
        sizes.close();
    }
}
