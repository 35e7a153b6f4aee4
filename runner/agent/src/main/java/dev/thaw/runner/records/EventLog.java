package dev.thaw.runner.records;

import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobEventText;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What happened to one job, a line each, as long as it is not over. A line is in the file as a whole or not at all:
 * what a killed process wrote half is cut off. Output beyond a limit is not kept, and a line says so.
 */
public final class EventLog implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EventLog.class.getName());
    private static final int LARGEST_CHUNK = 32 << 10;

    // Not a FileChannel, which an interrupt closes: a job's thread that is cancelled still has its end to write.
    private final RandomAccessFile file;
    private final long limit;
    private long length;
    private long output;
    private boolean truncated;
    private boolean ended;
    private final CountDownLatch over = new CountDownLatch(1);

    private EventLog(RandomAccessFile file, long limit, long length) {
        this.file = file;
        this.limit = limit;
        this.length = length;
        // Output is three quarters of the text that it stands in as.
        this.output = length / 4 * 3;
    }

    /**
     * Goes on with a file, or begins one.
     *
     * @param limit bytes of output that are kept
     */
    static EventLog open(Path path, long limit) throws IOException {
        var file = new RandomAccessFile(path.toFile(), "rw");
        try {
            long whole = EventFile.wholeLines(path);
            file.setLength(whole);
            file.seek(whole);
            return new EventLog(file, limit, whole);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Adds an event. Nothing can follow the end. */
    public synchronized void append(JobEvent event) throws IOException {
        if (ended) {
            throw new IllegalStateException("the job is over");
        }
        write(JobEventText.of(event));
        if (event instanceof JobEvent.Ended) {
            end();
        }
    }

    private void end() {
        ended = true;
        over.countDown();
        notifyAll();
    }

    /** Adds output, as much of it as is kept. */
    public synchronized void append(JobEvent.Stream stream, byte[] bytes, int offset, int size) throws IOException {
        int kept = (int) Math.min(size, Math.max(0, limit - output));
        for (int done = 0; done < kept; done += LARGEST_CHUNK) {
            int piece = Math.min(LARGEST_CHUNK, kept - done);
            write(JobEventText.of(new JobEvent.Log(stream, ByteBuffer.wrap(bytes, offset + done, piece))));
        }
        output += kept;
        if (kept < size && !truncated) {
            truncated = true;
            write(JobEventText.of(new JobEvent.Truncated(limit)));
        }
    }

    private void write(String line) throws IOException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            file.write(bytes);
        } catch (IOException e) {
            // A full disk takes a part of a line; a reader must never meet it.
            file.setLength(length);
            file.seek(length);
            throw e;
        }
        length += bytes.length;
        notifyAll();
    }

    /** What was written is on the disk when this returns. */
    public synchronized void sync() throws IOException {
        file.getFD().sync();
    }

    /** Bytes of whole lines. */
    public synchronized long length() {
        return length;
    }

    /** Whether nothing will follow. */
    synchronized boolean ended() {
        return ended;
    }

    /** Waits until there is more than so many bytes, or it is known that there never will be, or time is over. */
    synchronized void awaitMore(long than, Deadline deadline) throws InterruptedException {
        while (length <= than && !ended && !deadline.passed()) {
            wait(Math.max(1, deadline.leftMillis()));
        }
    }

    /** Waits until nothing will follow, or time is over; what comes meanwhile wakes nobody. */
    void awaitEnd(Duration limit) throws InterruptedException {
        // Whether or not it was so: the caller looks.
        boolean unused = over.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Lets go of the file; followers learn that nothing comes any more. */
    @Override
    public synchronized void close() {
        end();
        try {
            file.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing a job's events", e);
        }
    }
}
