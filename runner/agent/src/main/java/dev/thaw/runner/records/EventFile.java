package dev.thaw.runner.records;

import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobEventText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where lines begin and end in a file of events. */
final class EventFile {
    private static final int BLOCK = 64 << 10;
    private static final int LONGEST_LINE = 16 << 20;

    private EventFile() {}

    /** Up to the end of the last whole line. */
    static long wholeLines(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return wholeLines(channel);
        }
    }

    private static long wholeLines(FileChannel channel) throws IOException {
        return lineBreakBefore(channel, channel.size()) + 1;
    }

    /** Where the first line begins that begins at an offset or after it; the end if there is none. */
    static long firstLineFrom(FileChannel channel, long offset) throws IOException {
        long size = channel.size();
        if (offset <= 0 || offset >= size) {
            return Math.max(0, Math.min(offset, size));
        }
        var block = ByteBuffer.allocate(BLOCK);
        for (long at = offset - 1; at < size; at += block.limit()) {
            block.clear();
            channel.read(block, at);
            block.flip();
            for (int i = 0; i < block.limit(); i++) {
                if (block.get(i) == '\n') {
                    return at + i + 1;
                }
            }
            if (block.limit() == 0) {
                break;
            }
        }
        return size;
    }

    /** The end that a job's events have, if they have one. */
    static Optional<JobEvent.Ended> ending(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file)) {
            long end = wholeLines(channel);
            long start = end == 0 ? 0 : lineBreakBefore(channel, end - 1) + 1;
            if (end == start || end - start > LONGEST_LINE) {
                return Optional.empty();
            }
            var line = ByteBuffer.allocate((int) (end - start));
            while (line.hasRemaining() && channel.read(line, start + line.position()) >= 0) {
                // Until the line is full.
            }
            return JobEventText.parse(new String(line.array(), StandardCharsets.UTF_8))
                    .filter(JobEvent.Ended.class::isInstance)
                    .map(JobEvent.Ended.class::cast);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** The last line break below an offset; -1 if there is none. */
    private static long lineBreakBefore(FileChannel channel, long offset) throws IOException {
        var block = ByteBuffer.allocate(BLOCK);
        for (long end = offset; end > 0; end -= Math.min(end, BLOCK)) {
            long start = Math.max(0, end - BLOCK);
            block.clear().limit((int) (end - start));
            while (block.hasRemaining() && channel.read(block, start + block.position()) >= 0) {
                // Until the block is full.
            }
            for (int i = block.position() - 1; i >= 0; i--) {
                if (block.get(i) == '\n') {
                    return start + i;
                }
            }
        }
        return -1;
    }
}
