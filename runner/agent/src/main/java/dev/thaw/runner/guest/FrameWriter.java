package dev.thaw.runner.guest;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Collects frames in one buffer while its thread writes the other. Only that thread touches the channel: an interrupt of
 * a thread inside channel I/O closes the channel, and would break the session in the middle of a frame. Here a frame is
 * in the buffer whole or not at all, whoever is interrupted.
 */
final class FrameWriter {
    private static final int ROOM_FOR_DATA = 256 * 1024;
    /** Frames without payload never wait, so that neither the reader nor a close() can be held up. */
    private static final int ROOM_FOR_THE_REST = 64 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Condition emptied = lock.newCondition();
    private ByteBuffer filling = ByteBuffer.allocateDirect(ROOM_FOR_DATA + ROOM_FOR_THE_REST);
    private ByteBuffer draining = ByteBuffer.allocateDirect(ROOM_FOR_DATA + ROOM_FOR_THE_REST);
    private boolean last;
    /** The first stream that is not of a session before. */
    private int first;

    /** Queues bytes that are no frame: the preamble. */
    void raw(byte[] bytes) {
        lock.lock();
        try {
            filling.put(bytes);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Queues the preamble of another session; frames of streams below {@code from} are never sent behind it. */
    void renew(byte[] preamble, int from) {
        lock.lock();
        try {
            first = from;
            raw(preamble);
        } finally {
            lock.unlock();
        }
    }

    /** Queues payload for a stream; waits for room until the deadline. */
    void data(Sender sender, int id, byte[] source, int offset, int length, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        lock.lockInterruptibly();
        try {
            while (filling.position() + Frame.HEADER_BYTES + length > ROOM_FOR_DATA) {
                sender.checkOpen();
                if (emptied.awaitNanos(deadline.leftNanos()) <= 0 && deadline.passed()) {
                    throw new TimeoutException();
                }
            }
            // Checked under the lock a FIN is queued under: no payload comes behind it.
            sender.checkOpen();
            header(Frame.DATA, 0, id, length);
            filling.put(source, offset, length);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Queues a frame without payload, at once; after the last frame, or for a stream of a session before, does nothing. False if the guest has let too many
     * of them pile up.
     */
    boolean control(int type, int flags, int id, int value) {
        lock.lock();
        try {
            if (last || (id != 0 && id < first)) {
                return true;
            }
            if (filling.remaining() < Frame.HEADER_BYTES) {
                return false;
            }
            header(type, flags, id, value);
            filled.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Queues a go-away as the last frame. */
    void goAway(int code) {
        lock.lock();
        try {
            control(Frame.GO_AWAY, 0, 0, code);
            finish();
        } finally {
            lock.unlock();
        }
    }

    /** Ends {@link #run} once all that was queued is written, and wakes whoever waits for room. */
    void finish() {
        lock.lock();
        try {
            last = true;
            filled.signal();
            emptied.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Writes what is queued until {@link #finish}; for one thread, which nobody interrupts. */
    void run(WritableByteChannel channel) throws IOException {
        for (ByteBuffer full = swap(); full != null; full = swap()) {
            while (full.hasRemaining()) {
                channel.write(full);
            }
        }
    }

    private @Nullable ByteBuffer swap() {
        lock.lock();
        try {
            while (filling.position() == 0) {
                if (last) {
                    return null;
                }
                filled.awaitUninterruptibly();
            }
            ByteBuffer full = filling.flip();
            filling = draining.clear();
            draining = full;
            emptied.signalAll();
            return full;
        } finally {
            lock.unlock();
        }
    }

    private void header(int type, int flags, int id, int value) {
        filling.put((byte) 0)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(id)
                .putInt(value);
    }
}
