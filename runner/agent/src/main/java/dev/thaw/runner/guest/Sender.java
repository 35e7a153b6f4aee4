package dev.thaw.runner.guest;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The outgoing half of a stream: sends what the guest's window has room for, and waits for more. */
final class Sender {
    /** Smaller than what is allowed, so that one busy stream delays the others little. */
    private static final int LARGEST_PAYLOAD = 64 * 1024;

    private final ReentrantLock writing = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final FrameWriter frames;
    private final int id;
    private int window = Frame.FIRST_WINDOW;
    private volatile @Nullable IOException ended;

    Sender(FrameWriter frames, int id) {
        this.frames = frames;
        this.id = id;
    }

    /** The guest has room for more. */
    void granted(long bytes) throws GuestLostException {
        lock.lock();
        try {
            // What the host has taken of the window and not sent yet only makes this check more lenient.
            if (window + bytes > Frame.MAX_WINDOW) {
                throw GuestLostException.breach("a window of " + (window + bytes) + " bytes");
            }
            window += (int) bytes;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing can be sent any more, for this reason. True for the call that ended it. */
    boolean end(IOException why) {
        lock.lock();
        try {
            if (ended != null) {
                return false;
            }
            ended = why;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean isEnded() {
        return ended != null;
    }

    /** Throws the reason if nothing can be sent any more. */
    void checkOpen() throws IOException {
        IOException why = ended;
        if (why != null) {
            throw why instanceof GuestLostException lost ? lost.again() : new IOException(why.getMessage(), why);
        }
    }

    /** Sends all of it, in order; several threads' bytes do not mix. Stopped half way, the stream is of no more use. */
    void write(byte[] source, int offset, int length, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        writing.lockInterruptibly();
        try {
            int sent = 0;
            while (sent < length) {
                int payload = takeWindow(Math.min(length - sent, LARGEST_PAYLOAD), deadline);
                send(source, offset + sent, payload, deadline);
                sent += payload;
            }
        } finally {
            writing.unlock();
        }
    }

    private void send(byte[] source, int offset, int length, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        boolean sent = false;
        try {
            frames.data(this, id, source, offset, length, deadline);
            sent = true;
        } finally {
            if (!sent) {
                // The guest will not grant again what it never saw.
                giveWindowBack(length);
            }
        }
    }

    private void giveWindowBack(int bytes) {
        lock.lock();
        try {
            window += bytes;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private int takeWindow(int wanted, Deadline deadline) throws IOException, InterruptedException, TimeoutException {
        lock.lockInterruptibly();
        try {
            checkOpen();
            while (window == 0) {
                if (changed.awaitNanos(deadline.leftNanos()) <= 0 && deadline.passed()) {
                    throw new TimeoutException();
                }
                checkOpen();
            }
            int taken = Math.min(wanted, window);
            window -= taken;
            return taken;
        } finally {
            lock.unlock();
        }
    }
}
