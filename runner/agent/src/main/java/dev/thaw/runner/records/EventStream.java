package dev.thaw.runner.records;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A job's events from some offset on, as they come. Holds one block of the file, however long that is. */
public final class EventStream implements AutoCloseable {
    private static final int BLOCK = 64 << 10;

    private final FileChannel channel;
    private final @Nullable EventLog live;
    private byte[] buffer = new byte[BLOCK];
    private int start;
    private int end;
    private long offset;

    private EventStream(FileChannel channel, @Nullable EventLog live, long offset) {
        this.channel = channel;
        this.live = live;
        this.offset = offset;
    }

    /**
     * One event.
     *
     * @param utf8 a line of JSON without its break
     * @param next where the one after it begins: what a client says to go on
     */
    public record Line(ByteBuffer utf8, long next) {
        /** The line of JSON. */
        public String text() {
            return StandardCharsets.UTF_8.decode(utf8.duplicate()).toString();
        }
    }

    /** Any offset will do: it begins with the first event that begins there or later. */
    static EventStream open(Path file, @Nullable EventLog live, long offset) throws IOException {
        FileChannel channel = FileChannel.open(file);
        try {
            return new EventStream(channel, live, EventFile.firstLineFrom(channel, offset));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The next event; empty if none has come until the deadline, or none will come any more. */
    public Optional<Line> next(Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            boolean nothingFollows = live == null || live.ended();
            Optional<Line> line = line();
            if (line.isPresent() || live == null || nothingFollows || deadline.passed()) {
                return line;
            }
            live.awaitMore(offset + (end - start), deadline);
        }
    }

    /** Whether more may follow. */
    public boolean live() {
        return live != null && !live.ended();
    }

    /** Looks away for some time, unless nothing follows any more. */
    public void pause(Duration length) throws InterruptedException {
        if (live != null) {
            live.awaitEnd(length);
        }
    }

    /**
     * Whether all has been read that there will ever be; to be asked when there was no next event. Half a line at the
     * end, from a process that was killed as it wrote, will never be a whole one.
     */
    public boolean exhausted() throws IOException {
        return (live == null || live.ended()) && offset + (end - start) >= channel.size();
    }

    private Optional<Line> line() throws IOException {
        int from = start;
        while (true) {
            for (int i = from; i < end; i++) {
                if (buffer[i] == '\n') {
                    return Optional.of(taken(i));
                }
            }
            from = end;
            int shifted = start;
            if (!fill()) {
                return Optional.empty();
            }
            from -= shifted - start;
        }
    }

    private Line taken(int lineBreak) {
        // Bytes as they are: a log is passed on to many, and nobody looks into it here.
        ByteBuffer text = ByteBuffer.wrap(Arrays.copyOfRange(buffer, start, lineBreak));
        offset += lineBreak + 1 - start;
        start = lineBreak + 1;
        return new Line(text, offset);
    }

    /** Reads on behind what is there; false if there is nothing. */
    private boolean fill() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        // Not what is in the file: a line that did not fit on the disk is there for an instant, and then is not.
        long readable = live == null || live.ended() ? channel.size() : live.length();
        int wanted = (int) Math.min(buffer.length - end, readable - (offset + end));
        int read = wanted <= 0 ? 0 : channel.read(ByteBuffer.wrap(buffer, end, wanted), offset + end);
        end += Math.max(0, read);
        return read > 0;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger(EventStream.class.getName()).log(System.Logger.Level.WARNING, "closing a stream", e);
        }
    }
}
