package dev.thaw.runner.execution;

import dev.thaw.runner.guest.OutputSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What a program of the runner's own writes to its standard error in a guest: the beginning, since it may be a line for
 * each of a million files. A full disk ends the program, because all that could follow is more of the same.
 */
final class Complaints implements OutputSink {
    private static final int KEPT = 2 << 10;
    private static final String FULL = "No space left on device";

    private final ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    private String end = "";
    private boolean diskFull;

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        beginning.write(bytes, offset, Math.min(length, KEPT - beginning.size()));
        // The words may come in two pieces.
        String seen = end + new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
        end = seen.substring(Math.max(0, seen.length() - FULL.length()));
        if (seen.contains(FULL)) {
            diskFull = true;
            throw new IOException("the guest's disk is full");
        }
    }

    synchronized boolean diskFull() {
        return diskFull;
    }

    /** One printable line. */
    @Override
    public synchronized String toString() {
        return beginning.toString(StandardCharsets.UTF_8).strip().replaceAll("\\p{Cntrl}+", " | ");
    }
}
