package dev.thaw.runner.execution;

import dev.thaw.runner.guest.OutputSink;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a build's standard streams are connected to.
 *
 * @param stdin read by the only step; null for none
 * @param stdout gets what steps write to theirs, in order
 * @param stderr likewise
 */
public record JobStreams(@Nullable InputStream stdin, OutputSink stdout, OutputSink stderr) {}
