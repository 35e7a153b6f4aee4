package dev.thaw.runner.execution;

import dev.thaw.runner.guest.OutputSink;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a build's standard streams are connected to.
 *
 * @param stdin read by the only step; null for none
 * @param stdout gets what steps write to theirs, in order
 * @param stderr likewise
 */
public record JobStreams(@Nullable InputStream stdin, OutputSink stdout, OutputSink stderr) {
    /** Nothing to read, and two streams to write to. */
    public static JobStreams to(OutputStream stdout, OutputStream stderr) {
        return new JobStreams(null, OutputSink.to(stdout), OutputSink.to(stderr));
    }
}
