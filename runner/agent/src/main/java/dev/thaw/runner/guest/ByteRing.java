package dev.thaw.runner.guest;

import java.nio.ByteBuffer;

/**
 * Bytes in order, in a ring that grows as it must. The caller bounds what it puts in; nothing here is safe for several
 * threads.
 */
final class ByteRing {
    private static final int SMALLEST = 4 * 1024;

    private byte[] bytes = {};
    private int head;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Takes {@code length} bytes out of {@code source} and puts them at the end. */
    void put(ByteBuffer source, int length) {
        ensureRoom(length);
        int tail = (head + size) & (bytes.length - 1);
        int straight = Math.min(length, bytes.length - tail);
        source.get(bytes, tail, straight);
        source.get(bytes, 0, length - straight);
        size += length;
    }

    /** Moves up to {@code length} bytes from the front into {@code target}; says how many. */
    int take(byte[] target, int offset, int length) {
        int taken = Math.min(length, size);
        copyTo(target, offset, taken);
        drop(taken);
        return taken;
    }

    /** Where the first newline is from {@code start} to before {@code end}, both counted from the front, or -1. */
    int indexOfNewline(int start, int end) {
        for (int i = start; i < Math.min(end, size); i++) {
            if (bytes[(head + i) & (bytes.length - 1)] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Forgets what it holds, and the memory it held it in. */
    void clear() {
        bytes = new byte[0];
        head = 0;
        size = 0;
    }

    private void copyTo(byte[] target, int offset, int length) {
        int straight = Math.min(length, bytes.length - head);
        System.arraycopy(bytes, head, target, offset, straight);
        System.arraycopy(bytes, 0, target, offset + straight, length - straight);
    }

    private void drop(int length) {
        size -= length;
        // Starting over at 0 keeps the next chunk in one piece.
        head = size == 0 ? 0 : (head + length) & (bytes.length - 1);
    }

    private void ensureRoom(int length) {
        int needed = size + length;
        if (needed <= bytes.length) {
            return;
        }
        int capacity = Math.max(SMALLEST, Integer.highestOneBit(needed - 1) << 1);
        byte[] larger = new byte[capacity];
        copyTo(larger, 0, size);
        bytes = larger;
        head = 0;
    }
}
