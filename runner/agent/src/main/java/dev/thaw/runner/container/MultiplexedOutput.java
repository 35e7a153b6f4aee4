package dev.thaw.runner.container;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Both outputs of a process as Docker sends them on one connection: frames of a kind, a length and bytes. */
final class MultiplexedOutput {
    private static final int HEADER = 8;
    private static final int CHUNK = 64 << 10;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final byte[] COMPLAINT = "OCI runtime exec failed".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_COMPLAINT = 4 << 10;

    private final InputStream in;
    private final OutputSink stdout;
    private final OutputSink stderr;
    private byte[] held = new byte[0];

    MultiplexedOutput(InputStream in, OutputSink stdout, OutputSink stderr) {
        this.in = in;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /**
     * Delivers everything up to the end, but for one thing: where a process cannot be started, Docker writes why to its
     * standard output. Output that looks like that and is all there is comes back, empty when there is none.
     */
    byte[] deliver() throws IOException, RunnerException {
        byte[] chunk = new byte[CHUNK];
        boolean first = true;
        for (int kind = header(chunk); kind >= 0; kind = header(chunk)) {
            long left = Integer.toUnsignedLong(ByteBuffer.wrap(chunk, 4, 4).getInt());
            release();
            if (first && kind == STDOUT && left <= LONGEST_COMPLAINT) {
                hold(exactly((int) left));
            } else {
                copy(left, sink(kind), chunk);
            }
            first = false;
        }
        return held;
    }

    private void hold(byte[] bytes) throws RunnerException {
        held = bytes;
        if (!startsWith(bytes, COMPLAINT)) {
            release();
        }
    }

    private void release() throws RunnerException {
        byte[] bytes = held;
        held = new byte[0];
        if (bytes.length > 0) {
            deliver(stdout, bytes, bytes.length);
        }
    }

    private OutputSink sink(int kind) throws IOException {
        return switch (kind) {
            case STDOUT -> stdout;
            case STDERR -> stderr;
            default -> throw new IOException("output of the unknown kind " + kind);
        };
    }

    private void copy(long length, OutputSink sink, byte[] chunk) throws IOException, RunnerException {
        for (long left = length; left > 0; ) {
            int read = in.read(chunk, 0, (int) Math.min(left, chunk.length));
            if (read < 0) {
                throw new EOFException("a piece of the output is missing");
            }
            deliver(sink, chunk, read);
            left -= read;
        }
    }

    static void deliver(OutputSink sink, byte[] bytes, int length) throws RunnerException {
        try {
            sink.write(bytes, 0, length);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "output of a step cannot be delivered: " + e.getMessage(), e);
        }
    }

    /** The kind of the next frame, -1 at the end. */
    private int header(byte[] chunk) throws IOException {
        int read = in.readNBytes(chunk, 0, HEADER);
        if (read == 0) {
            return -1;
        }
        if (read < HEADER) {
            throw new EOFException("the output ends within a header");
        }
        return chunk[0];
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("a piece of the output is missing");
        }
        return bytes;
    }

    /** Whether this is the beginning of Docker's complaint, or may become one. */
    static boolean maybeComplaint(byte[] bytes) {
        int length = Math.min(bytes.length, COMPLAINT.length);
        return bytes.length <= LONGEST_COMPLAINT
                && ByteBuffer.wrap(bytes, 0, length).equals(ByteBuffer.wrap(COMPLAINT, 0, length));
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return bytes.length >= start.length
                && ByteBuffer.wrap(bytes, 0, start.length).equals(ByteBuffer.wrap(start));
    }
}
