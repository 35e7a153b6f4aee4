package dev.thaw.runner.workspace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a file has data. Java can ask neither where a file's holes are nor how much of a disk it takes, so zeros are
 * looked for instead: long runs of them are as good as holes, and reading a real hole costs no disk access.
 *
 * @param pieces the data, in order and apart from each other
 * @param size what the file's length is, holes included
 */
record SparseMap(List<Piece> pieces, long size) {
    /** Shorter files are not looked through: there is little to be saved. */
    static final long SHORTEST = 1 << 20;

    /** The smallest hole that counts, at an offset that is a multiple of it. */
    private static final int BLOCK = 1 << 16;

    /** More cannot be said in the header of a sparse file, which has eight gigabytes for the data and this map. */
    private static final long MOST_DATA = (8L << 30) - (64 << 20);

    private static final int READ = 16 * BLOCK;
    private static final int PROBE = 512;
    /** A hole that is twice as long is always seen by a probe. */
    private static final int STRIDE = 4 * BLOCK;

    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(BLOCK).asReadOnlyBuffer();

    /** A run of bytes that are not all zero. */
    record Piece(long offset, long length) {}

    SparseMap {
        pieces = List.copyOf(pieces);
    }

    /** Looks through a file; moves the channel's position. */
    static SparseMap of(SeekableByteChannel file, long size) throws IOException {
        return size >= SHORTEST && anyProbeIsZero(file, size) ? scan(file, size) : dense(size);
    }

    /** Of a file without holes. */
    static SparseMap dense(long size) {
        return new SparseMap(List.of(new Piece(0, size)), size);
    }

    boolean hasHoles() {
        return dataBytes() < size;
    }

    long dataBytes() {
        return pieces.stream().mapToLong(Piece::length).sum();
    }

    // Most long files have no holes, and are not worth being read twice to find that out.
    private static boolean anyProbeIsZero(SeekableByteChannel file, long size) throws IOException {
        ByteBuffer probe = ByteBuffer.allocateDirect(PROBE);
        for (long offset = 0; offset + PROBE <= size; offset += STRIDE) {
            file.position(offset);
            if (fill(file, probe) < PROBE || isZero(probe, 0, PROBE)) {
                return true;
            }
        }
        return false;
    }

    private static SparseMap scan(SeekableByteChannel file, long size) throws IOException {
        var pieces = new ArrayList<Piece>();
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
        long begin = -1;
        file.position(0);
        for (long offset = 0; offset < size; offset += READ) {
            int count = (int) Math.min(fill(file, buffer), size - offset);
            for (int at = 0; at < count; at += BLOCK) {
                boolean zero = isZero(buffer, at, Math.min(BLOCK, count - at));
                if (zero && begin >= 0) {
                    pieces.add(new Piece(begin, offset + at - begin));
                    begin = -1;
                } else if (!zero && begin < 0) {
                    begin = offset + at;
                }
            }
        }
        if (begin >= 0) {
            pieces.add(new Piece(begin, size - begin));
        }
        var map = new SparseMap(pieces, size);
        return map.dataBytes() > MOST_DATA ? dense(size) : map;
    }

    private static int fill(SeekableByteChannel file, ByteBuffer buffer) throws IOException {
        buffer.clear();
        int count = 0;
        while (buffer.hasRemaining() && count >= 0) {
            count = file.read(buffer);
        }
        return buffer.position();
    }

    private static boolean isZero(ByteBuffer buffer, int offset, int length) {
        return buffer.slice(offset, length).mismatch(ZEROS.slice(0, length)) < 0;
    }
}
