package dev.thaw.runner.guest;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a process reads and where its outputs go. Without {@code stdin} it reads from /dev/null. A {@code stdin} that
 * blocks is no obstacle: it is read by a thread of its own, which is left behind when the process ends. A process at a
 * terminal has one output, and {@code stderr} gets nothing.
 */
public record Stdio(@Nullable InputStream stdin, OutputSink stdout, OutputSink stderr) {}
