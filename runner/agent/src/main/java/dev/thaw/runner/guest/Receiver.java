package dev.thaw.runner.guest;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The incoming half of a stream. What it holds and what the guest may still send never come to more than the window,
 * and the window moves only as the consumer takes bytes: that is the back-pressure.
 */
final class Receiver {
    /** The widest window: enough for a fast consumer, small enough to be held in memory. */
    static final int WIDEST = 4 * 1024 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteRing held = new ByteRing();
    private final WindowBudget budget;
    private final IntConsumer grant;
    private int width = Frame.FIRST_WINDOW;
    private int window = Frame.FIRST_WINDOW;
    /** Announced and not delivered yet. */
    private int arriving;

    private long changes;
    private boolean caughtUp;
    private boolean finished;
    private @Nullable IOException ended;

    /** A half that tells {@code grant} by how many bytes the guest's window grows. */
    Receiver(WindowBudget budget, IntConsumer grant) {
        this.budget = budget;
        this.grant = grant;
    }

    /** The guest is about to send {@code length} bytes. */
    void announced(long length) throws GuestLostException {
        lock.lock();
        try {
            if (ended != null) {
                return;
            }
            if (finished && length > 0) {
                throw GuestLostException.breach("data on a stream that it had finished");
            }
            if (length > window) {
                throw GuestLostException.breach(length + " bytes into a window of " + window);
            }
            window -= (int) length;
            arriving += (int) length;
        } finally {
            lock.unlock();
        }
    }

    /** Takes {@code length} announced bytes out of {@code source}. */
    void deliver(ByteBuffer source, int length) {
        lock.lock();
        try {
            if (ended == null) {
                arriving -= length;
                held.put(source, length);
                wake();
            } else {
                source.position(source.position() + length);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The guest sends no more. */
    void finish() {
        lock.lock();
        try {
            finished = true;
            giveBackWhenEmpty();
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** No more comes, for this reason; what is held can still be read. */
    void end(IOException why) {
        lock.lock();
        try {
            if (ended == null) {
                ended = why;
                giveBackWhenEmpty();
                wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Like {@link #end}, and forgets what is held. */
    void discard(IOException why) {
        lock.lock();
        try {
            end(why);
            held.clear();
            giveBackWhenEmpty();
        } finally {
            lock.unlock();
        }
    }

    boolean isFinished() {
        lock.lock();
        try {
            return finished;
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes are held. */
    int available() {
        lock.lock();
        try {
            return held.size();
        } finally {
            lock.unlock();
        }
    }

    /** What it holds and what the guest may send come to this many bytes at most. */
    int width() {
        lock.lock();
        try {
            return width;
        } finally {
            lock.unlock();
        }
    }

    /** At least one byte, or -1 at the end. */
    int read(byte[] target, int offset, int length, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        lock.lockInterruptibly();
        try {
            while (held.isEmpty()) {
                if (isOver()) {
                    return -1;
                }
                awaitChange(deadline);
            }
            int taken = held.take(target, offset, length);
            widenWindow();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** One line without its newline, and not a byte behind it; null at the end. Nothing is taken of half a line. */
    byte @Nullable [] readLine(int limit, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        lock.lockInterruptibly();
        try {
            int searched = 0;
            int length = held.indexOfNewline(0, limit);
            while (length < 0) {
                if (held.size() >= limit) {
                    throw GuestLostException.breach("a line of more than " + limit + " bytes");
                }
                if (isOver()) {
                    return endOfLines();
                }
                searched = held.size();
                awaitChange(deadline);
                length = held.indexOfNewline(searched, limit);
            }
            byte[] line = new byte[length];
            held.take(line, 0, length);
            held.take(new byte[1], 0, 1);
            widenWindow();
            return line;
        } finally {
            lock.unlock();
        }
    }

    private byte @Nullable [] endOfLines() throws GuestLostException {
        if (!held.isEmpty()) {
            throw GuestLostException.breach("half a line at the end of a stream");
        }
        return null;
    }

    private boolean isOver() throws IOException {
        if (finished) {
            return true;
        }
        if (ended != null) {
            throw ended instanceof GuestLostException lost ? lost.again() : new IOException(ended.getMessage(), ended);
        }
        return false;
    }

    private void wake() {
        changes++;
        changed.signalAll();
    }

    private void awaitChange(Deadline deadline) throws InterruptedException, TimeoutException {
        long seen = changes;
        while (changes == seen) {
            if (changed.awaitNanos(deadline.leftNanos()) <= 0 && deadline.passed()) {
                throw new TimeoutException();
            }
        }
    }

    private void widenWindow() {
        caughtUp |= held.isEmpty();
        int room = width - window - arriving - held.size();
        if (finished || ended != null) {
            giveBackWhenEmpty();
            return;
        }
        // Half a window at a time: one update per byte taken would cost more than the byte.
        if (room < width / 2) {
            return;
        }
        // The consumer had to wait for the guest, not the guest for the consumer: a wider window may help.
        if (caughtUp && width < WIDEST && budget.take(width)) {
            room += width;
            width *= 2;
        }
        caughtUp = false;
        window += room;
        grant.accept(room);
    }

    private void giveBackWhenEmpty() {
        if (held.isEmpty() && (finished || ended != null)) {
            budget.giveBack(width - Frame.FIRST_WINDOW);
            width = Frame.FIRST_WINDOW;
        }
    }
}
