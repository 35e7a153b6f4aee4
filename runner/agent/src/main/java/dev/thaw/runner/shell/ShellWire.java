package dev.thaw.runner.shell;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * What two runners of one user say to each other about a shell: frames of a kind (one letter), a length (four bytes, most
 * significant first) and that many bytes. Any number of threads may write, one may read.
 */
final class ShellWire implements AutoCloseable {
    /** Of a frame's bytes. */
    static final int LONGEST = 64 << 10;

    private static final int HEADER = 5;

    private final SocketChannel channel;

    ShellWire(SocketChannel channel) {
        this.channel = channel;
    }

    /** What a frame is about. */
    enum Kind {
        /** To the keeper, first: a {@link ShellOrder}. */
        OPEN('o'),
        /** To the keeper: what was typed. */
        INPUT('i'),
        /** To the keeper: nothing is typed any more. */
        END_OF_INPUT('d'),
        /** To the keeper: rows and columns, two bytes each. */
        RESIZE('r'),
        /** From the keeper: output. */
        STDOUT('1'),
        /** From the keeper: errors. */
        STDERR('2'),
        /** From the keeper, last: one byte, the exit code. */
        EXIT('x'),
        /** From the keeper, last: the name of a fault, a line feed and its message. */
        FAULT('f');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        static Kind of(byte letter) throws IOException {
            for (Kind kind : values()) {
                if (kind.letter == letter) {
                    return kind;
                }
            }
            throw new IOException("not a frame: its first byte is " + letter);
        }
    }

    /** A kind and its bytes. */
    static final class Frame {
        private final Kind kind;
        private final byte[] bytes;

        Frame(Kind kind, byte[] bytes) {
            this.kind = kind;
            this.bytes = bytes;
        }

        Kind kind() {
            return kind;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /** The next frame; empty when the other side has gone. */
    Optional<Frame> read() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        if (!fill(header)) {
            return Optional.empty();
        }
        Kind kind = Kind.of(header.get());
        int length = header.getInt();
        if (length < 0 || length > LONGEST) {
            throw new IOException("not a frame: " + length + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        if (!fill(bytes) && length > 0) {
            throw new EOFException("half a frame");
        }
        return Optional.of(new Frame(kind, bytes.array()));
    }

    void write(Kind kind, byte[] bytes) throws IOException {
        write(kind, bytes, 0, bytes.length);
    }

    /** Writes as many frames as it takes. */
    void write(Kind kind, byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        do {
            int piece = Math.min(length - done, LONGEST);
            ByteBuffer frame = ByteBuffer.allocate(HEADER + piece);
            frame.put((byte) kind.letter).putInt(piece).put(bytes, offset + done, piece);
            send(frame.flip());
            done += piece;
        } while (done < length);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is of no use any more, and that is what was wanted.
            return;
        }
    }

    private synchronized void send(ByteBuffer frame) throws IOException {
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /** False if the other side ended before the first byte. */
    private boolean fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                if (buffer.position() == 0) {
                    buffer.flip();
                    return false;
                }
                throw new EOFException("half a frame");
            }
        }
        buffer.flip();
        return true;
    }
}
