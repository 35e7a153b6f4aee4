package dev.thaw.runner.execution;

import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Signals;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.guest.Terminal;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a build's standard streams are connected to.
 *
 * @param stdin read by the only step; null for none
 * @param stdout gets what steps write to theirs, in order
 * @param stderr likewise
 * @param terminal what steps get the like of, with both outputs on {@code stdout}; null for none
 * @param signals sent to the step that runs
 */
public record JobStreams(
        @Nullable InputStream stdin,
        OutputSink stdout,
        OutputSink stderr,
        @Nullable Terminal terminal,
        Signals signals) {
    /** Without signals. */
    public JobStreams(@Nullable InputStream stdin, OutputSink stdout, OutputSink stderr, @Nullable Terminal terminal) {
        this(stdin, stdout, stderr, terminal, new Signals());
    }

    /** Without a terminal and signals. */
    public JobStreams(@Nullable InputStream stdin, OutputSink stdout, OutputSink stderr) {
        this(stdin, stdout, stderr, null);
    }

    /** Nothing to read, and two streams to write to. */
    public static JobStreams to(OutputStream stdout, OutputStream stderr) {
        return new JobStreams(null, OutputSink.to(stdout), OutputSink.to(stderr));
    }

    Stdio stdio() {
        return new Stdio(stdin, stdout, stderr);
    }
}
