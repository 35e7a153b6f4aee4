package dev.thaw.runner.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bytes from one thread to another. Not {@code java.io.PipedInputStream}: that one looks for news once a second unless
 * every write is flushed, and cannot carry a failure.
 */
public final class BoundedPipe {
    private final byte[] ring;
    private long written;
    private long read;
    private boolean ended;
    private @Nullable IOException failure;

    /** A pipe that holds this many bytes; who writes more waits. */
    public BoundedPipe(int capacity) {
        ring = new byte[capacity];
    }

    /** Closed, it is the end of the other side's stream. */
    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                put(bytes, offset, length);
            }

            @Override
            public void close() {
                end();
            }
        };
    }

    /** Ends when the other side has closed its stream and all is read. */
    public InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return take(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return take(bytes, offset, length);
            }
        };
    }

    /** Both sides fail from now on. */
    public synchronized void fail(IOException e) {
        if (failure == null) {
            failure = e;
        }
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    private synchronized void put(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            awaitChange(() -> written - read < ring.length);
            check();
            int at = (int) (written % ring.length);
            int piece = (int) Math.min(Math.min(length - done, ring.length - (written - read)), ring.length - at);
            System.arraycopy(bytes, offset + done, ring, at, piece);
            written += piece;
            done += piece;
            notifyAll();
        }
    }

    private synchronized int take(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        awaitChange(() -> written > read || ended);
        check();
        if (written == read) {
            return -1;
        }
        int at = (int) (read % ring.length);
        int piece = (int) Math.min(Math.min(length, written - read), ring.length - at);
        System.arraycopy(ring, at, bytes, offset, piece);
        read += piece;
        notifyAll();
        return piece;
    }

    private void check() throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    private synchronized void awaitChange(BooleanSupplier enough) throws IOException {
        try {
            while (failure == null && !enough.getAsBoolean()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
