package dev.thaw.runner.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/** Takes the guest's bytes apart, and trusts none of them. For one thread. */
final class FrameReader {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final ReadableByteChannel channel;
    private final Yamux session;
    private final ByteBuffer input = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);

    FrameReader(ReadableByteChannel channel, Yamux session) {
        this.channel = channel;
        this.session = session;
    }

    /** Throws away what comes before the echo of the preamble. */
    void awaitEcho(Preamble preamble) throws IOException {
        while (!preamble.echoedIn(input)) {
            fill();
        }
    }

    /** Reads one frame and does what it says, or finds where the session begins again. */
    void readFrame() throws IOException {
        while (input.remaining() < Frame.HEADER_BYTES) {
            fill();
        }
        // Asked when there is something to read: the echo, or what came before it, is behind the question then.
        Yamux.Renewal renewal = session.renewal();
        if (renewal == null) {
            frame();
        } else {
            awaitEcho(renewal.preamble());
            session.renewed(renewal);
        }
    }

    private void frame() throws IOException {
        int version = Byte.toUnsignedInt(input.get());
        int type = Byte.toUnsignedInt(input.get());
        int flags = Short.toUnsignedInt(input.getShort());
        int id = input.getInt();
        long value = Integer.toUnsignedLong(input.getInt());
        if (version != 0) {
            throw GuestLostException.breach("a frame of version " + version);
        }
        if ((flags & ~Frame.ALL_FLAGS) != 0) {
            throw GuestLostException.breach("a frame with the flags 0x" + Integer.toHexString(flags));
        }
        switch (type) {
            case Frame.DATA -> data(flags, id, value);
            case Frame.WINDOW -> window(flags, id, value);
            case Frame.PING -> ping(flags, id, (int) value);
            case Frame.GO_AWAY -> goAway(id, value);
            default -> throw GuestLostException.breach("a frame of type " + type);
        }
    }

    private void data(int flags, int id, long length) throws IOException {
        GuestStream stream = streamOf(flags, id);
        if (length > Frame.MAX_PAYLOAD) {
            throw GuestLostException.breach("a data frame of " + length + " bytes");
        }
        if (stream != null) {
            stream.receiver().announced(length);
        }
        payload(stream, (int) length);
        flags(stream, flags);
    }

    private void payload(@Nullable GuestStream stream, int length) throws IOException {
        int left = length;
        while (left > 0) {
            if (!input.hasRemaining()) {
                fill();
            }
            int piece = Math.min(left, input.remaining());
            if (stream == null) {
                input.position(input.position() + piece);
            } else {
                stream.receiver().deliver(input, piece);
            }
            left -= piece;
        }
    }

    private void window(int flags, int id, long more) throws GuestLostException {
        GuestStream stream = streamOf(flags, id);
        if (stream != null) {
            stream.sender().granted(more);
            flags(stream, flags);
        }
    }

    private void ping(int flags, int id, int value) throws GuestLostException {
        if (id != 0) {
            throw GuestLostException.breach("a ping on a stream");
        }
        if ((flags & Frame.SYN) != 0) {
            session.control(Frame.PING, Frame.ACK, 0, value);
        }
    }

    private static void goAway(int id, long code) throws GuestLostException {
        if (id != 0) {
            throw GuestLostException.breach("a go-away on a stream");
        }
        throw GuestLostException.ended("guestd ended the session with code " + code);
    }

    /** The stream that a frame is for; null if that is closed already. */
    private @Nullable GuestStream streamOf(int flags, int id) throws GuestLostException {
        if ((flags & Frame.SYN) != 0) {
            throw GuestLostException.breach("a stream opened by the guest");
        }
        return session.stream(id);
    }

    private static void flags(@Nullable GuestStream stream, int flags) {
        if (stream == null) {
            return;
        }
        if ((flags & Frame.RST) != 0) {
            stream.resetByGuest();
        } else if ((flags & Frame.FIN) != 0) {
            stream.finishedByGuest();
        }
    }

    private void fill() throws IOException {
        input.compact();
        int read = channel.read(input);
        input.flip();
        if (read < 0) {
            throw GuestLostException.ended("the guest closed its end of the connection");
        }
    }
}
