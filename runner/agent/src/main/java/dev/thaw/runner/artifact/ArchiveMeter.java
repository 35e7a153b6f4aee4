package dev.thaw.runner.artifact;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Lets so many bytes through and no more, until more are allowed. A reader of archives reads a long name into memory
 * however long it is; here is where that ends.
 */
final class ArchiveMeter extends FilterInputStream {
    private long allowed;

    ArchiveMeter(InputStream in) {
        super(in);
    }

    /** From now on, this many bytes. */
    void allow(long bytes) {
        allowed = bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (allowed == 0) {
            throw new IOException(
                    "what is said about one entry is longer than " + ArtifactLimits.METADATA_BYTES + " bytes");
        }
        int read = in.read(target, offset, (int) Math.min(length, allowed));
        allowed -= Math.max(read, 0);
        return read;
    }

    @Override
    public long skip(long wanted) throws IOException {
        byte[] rubbish = new byte[(int) Math.max(0, Math.min(wanted, 1 << 13))];
        return Math.max(read(rubbish, 0, rubbish.length), 0);
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
