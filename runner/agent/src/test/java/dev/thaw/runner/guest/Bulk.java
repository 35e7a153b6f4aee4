package dev.thaw.runner.guest;

import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Random;

/** Many bytes that look like no others, and what they digest to. */
final class Bulk {
    private static final int PIECE = 50_000;

    private Bulk() {}

    /** Writes random bytes in pieces of all sizes; returns their SHA-256. */
    static byte[] send(OutputStream target, long length, int seed) throws Exception {
        InputStream source = source(length, seed);
        Random sizes = new Random(seed);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] piece = new byte[PIECE];
        for (int count = source.read(piece); count >= 0; count = source.read(piece, 0, 1 + sizes.nextInt(PIECE))) {
            digest.update(piece, 0, count);
            target.write(piece, 0, count);
        }
        return digest.digest();
    }

    /** Reads to the end; returns the SHA-256. */
    static byte[] receive(InputStream source) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] piece = new byte[PIECE];
        for (int count = source.read(piece); count >= 0; count = source.read(piece)) {
            digest.update(piece, 0, count);
        }
        return digest.digest();
    }

    /** The bytes that {@link #send} writes for the same length and seed. */
    static InputStream source(long length, int seed) {
        byte[] block = new byte[PIECE + 1];
        new Random(seed).nextBytes(block);
        return new InputStream() {
            private long left = length;
            private int position;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
            }

            @Override
            public int read(byte[] target, int offset, int count) {
                if (left == 0) {
                    return -1;
                }
                int taken = (int) Math.min(left, Math.min(count, block.length - position));
                System.arraycopy(block, position, target, offset, taken);
                left -= taken;
                position = (position + taken) % block.length;
                if (position == 0) {
                    // So that no two blocks are the same, whatever the pieces.
                    block[(int) (left % block.length)]++;
                }
                return taken;
            }
        };
    }
}
