package dev.thaw.runner.guest;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A stream of bytes both ways between host and guest. Each direction is for one thread at a time; {@link #close} is for
 * any. Reads and writes wait without limit and end with an IOException when the stream or the session does; interrupted,
 * they throw InterruptedIOException and leave the thread's interrupt set. An interrupted write may have sent a part.
 */
public final class GuestStream implements AutoCloseable {
    /** The longest control line the host accepts, in bytes: guestd's are a few hundred. */
    private static final int LONGEST_LINE = 64 * 1024;

    private static final Duration NO_LIMIT = Duration.ofDays(1000);

    private final Yamux session;
    private final int id;
    private final Receiver receiver;
    private final Sender sender;
    private final StreamInput input;
    private final StreamOutput output;

    GuestStream(Yamux session, FrameWriter frames, WindowBudget budget, int id) {
        this.session = session;
        this.id = id;
        receiver = new Receiver(budget, more -> session.control(Frame.WINDOW, 0, id, more));
        sender = new Sender(frames, id);
        Deadline never = Deadline.in(NO_LIMIT);
        input = new StreamInput(receiver, never);
        output = new StreamOutput(this, sender, never);
    }

    /** What the guest sends; ends when the guest has finished. Closing it does nothing. */
    public InputStream input() {
        return input;
    }

    /** What the guest gets, at once and in order; closing it tells the guest that no more comes. */
    public OutputStream output() {
        return output;
    }

    /** Tells the guest that no more comes; what it sends can still be read. Never throws or waits, idempotent. */
    public void finish() {
        if (sender.end(new IOException("the host has finished this stream"))) {
            session.control(Frame.WINDOW, Frame.FIN, id, 0);
            session.forgetIfOver(this);
        }
    }

    /** Ends both directions at once; what was not read or delivered is lost. Never throws or waits. */
    public void reset() {
        if (session.forget(this)) {
            session.control(Frame.WINDOW, Frame.RST, id, 0);
        }
        IOException why = new IOException("the host has closed this stream");
        sender.end(why);
        receiver.discard(why);
    }

    /** Ends the stream: quietly if the guest has finished, with a reset if not. Never throws or waits, idempotent. */
    @Override
    public void close() {
        if (receiver.isFinished()) {
            finish();
        }
        reset();
    }

    int id() {
        return id;
    }

    Receiver receiver() {
        return receiver;
    }

    Sender sender() {
        return sender;
    }

    boolean isOver() {
        return receiver.isFinished() && sender.isEnded();
    }

    /** The guest's next line without its newline, and not a byte behind it; null at the end. */
    byte @Nullable [] readLine(Deadline deadline) throws IOException, InterruptedException, TimeoutException {
        return receiver.readLine(LONGEST_LINE, deadline);
    }

    void write(byte[] bytes, Deadline deadline) throws IOException, InterruptedException, TimeoutException {
        sender.write(bytes, 0, bytes.length, deadline);
    }

    void finishedByGuest() {
        receiver.finish();
        session.forgetIfOver(this);
    }

    void resetByGuest() {
        session.forget(this);
        lost(new IOException("guestd has reset this stream"));
    }

    void lost(IOException why) {
        sender.end(why);
        receiver.end(why);
    }
}
