package dev.thaw.runner.guest;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Many streams over one connection to a guest, as yamux's client. One thread reads, one writes, both named and daemons;
 * whoever uses a stream only waits for them, so an interrupt never reaches the connection.
 */
final class Yamux implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Yamux.class.getName());
    private static final int WIDER_WINDOWS = 64 * 1024 * 1024;

    private final SocketChannel channel;
    private final FrameReader reader;
    private final FrameWriter writer = new FrameWriter();
    private final WindowBudget budget = new WindowBudget(WIDER_WINDOWS);
    private final ConcurrentMap<Integer, GuestStream> streams = new ConcurrentHashMap<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final AtomicReference<@Nullable GuestLostException> over = new AtomicReference<>();
    private final AtomicReference<@Nullable Renewal> renewal = new AtomicReference<>();
    private final Object opening = new Object();
    private volatile int nextId = 1;

    private Yamux(SocketChannel channel) {
        this.channel = channel;
        reader = new FrameReader(channel, this);
    }

    /** Sends the preamble over a connection in blocking mode, which is the session's to close from here on. */
    static Yamux begin(SocketChannel channel) {
        Yamux session = new Yamux(channel);
        Preamble preamble = Preamble.random();
        session.writer.raw(preamble.line());
        daemon("guest-writer", session::write).start();
        daemon("guest-reader", () -> session.read(preamble)).start();
        return session;
    }

    /** Returns once guestd has answered the preamble; before that no stream may be opened. */
    void awaitEcho(Deadline deadline) throws IOException, InterruptedException, TimeoutException {
        if (!begun.await(deadline.leftNanos(), TimeUnit.NANOSECONDS)) {
            throw new TimeoutException();
        }
        GuestLostException lost = over.get();
        if (lost != null) {
            throw lost.again();
        }
    }

    /** The line that the session begins again with, and whether it has been echoed. */
    record Renewal(Preamble preamble, CountDownLatch echoed) {}

    /**
     * Has guestd forget all streams and begin again, over the same connection. For a session in which nothing is being
     * said: what guestd has begun to send is thrown away.
     */
    void renew(Deadline deadline) throws IOException, InterruptedException, TimeoutException {
        var begun = new Renewal(Preamble.random(), new CountDownLatch(1));
        // Before the line is on its way: whoever reads must know what to look for when the echo comes.
        renewal.set(begun);
        synchronized (opening) {
            forgetAll(GuestLostException.ended("the session has begun again"));
            writer.renew(begun.preamble().line(), nextId);
        }
        if (over.get() == null && !begun.echoed().await(deadline.leftNanos(), TimeUnit.NANOSECONDS)) {
            throw new TimeoutException();
        }
        GuestLostException lost = over.get();
        if (lost != null) {
            throw lost.again();
        }
    }

    /** How the session is to begin again, if it is. */
    @Nullable
    Renewal renewal() {
        return renewal.get();
    }

    /** The session has begun again. */
    void renewed(Renewal begun) {
        if (renewal.compareAndSet(begun, null)) {
            begun.echoed().countDown();
        }
    }

    /** Opens a stream without waiting for the guest; one that it refuses it resets. */
    GuestStream open() throws IOException {
        synchronized (opening) {
            if (streams.size() >= Frame.MAX_STREAMS) {
                throw new IOException(Frame.MAX_STREAMS + " streams to this guest are open already");
            }
            int id = nextId;
            GuestStream stream = new GuestStream(this, writer, budget, id);
            streams.put(id, stream);
            nextId = id + 2;
            control(Frame.WINDOW, Frame.SYN, id, 0);
            GuestLostException lost = over.get();
            if (lost != null) {
                stream.lost(lost);
                throw lost.again();
            }
            return stream;
        }
    }

    /** The stream with this id, null if it is closed; a breach if there never was one. */
    @Nullable
    GuestStream stream(int id) throws GuestLostException {
        GuestStream stream = streams.get(id);
        if (stream == null && (id <= 0 || id % 2 == 0 || id >= nextId)) {
            throw GuestLostException.breach(
                    "a frame for stream " + Integer.toUnsignedString(id) + ", which never existed");
        }
        return stream;
    }

    /** Forgets a stream that is over for both sides. */
    void forgetIfOver(GuestStream stream) {
        if (stream.isOver()) {
            forget(stream);
        }
    }

    /** Forgets a stream. True for the call that did. */
    boolean forget(GuestStream stream) {
        return streams.remove(stream.id(), stream);
    }

    /** Sends a frame without payload; never waits. */
    void control(int type, int flags, int id, int value) {
        if (!writer.control(type, flags, id, value)) {
            lose(GuestLostException.ended("the guest takes nothing that the host sends"));
        }
    }

    /** Ends the session; the reason goes to everybody who waits. Never waits. */
    void lose(GuestLostException why) {
        if (!over.compareAndSet(null, why)) {
            return;
        }
        streams.values().forEach(stream -> stream.lost(why));
        begun.countDown();
        Renewal waiting = renewal.getAndSet(null);
        if (waiting != null) {
            waiting.echoed().countDown();
        }
        if (why.isBreach()) {
            writer.goAway(Frame.PROTOCOL_ERROR);
        } else {
            hangUp();
            writer.finish();
        }
    }

    /** Hangs up. Idempotent, never throws or waits, whatever the thread's interrupt says. */
    @Override
    public void close() {
        GuestLostException why = GuestLostException.ended("the host closed the session");
        lose(why);
        hangUp();
        forgetAll(why);
    }

    private void forgetAll(GuestLostException why) {
        for (GuestStream stream : streams.values()) {
            stream.lost(why);
            stream.receiver().discard(why);
        }
        streams.clear();
    }

    private void read(Preamble preamble) {
        try {
            reader.awaitEcho(preamble);
            begun.countDown();
            while (over.get() == null) {
                reader.readFrame();
            }
        } catch (GuestLostException e) {
            lose(e);
        } catch (IOException e) {
            lose(GuestLostException.ended("the connection to the guest failed: " + e.getMessage()));
        } finally {
            // Whatever ended this thread, memory running out included: nobody is to wait for it in vain.
            lose(GuestLostException.ended("nobody reads from the guest any more"));
        }
    }

    private void write() {
        try {
            writer.run(channel);
            hangUp();
        } catch (IOException e) {
            // Left to the reader, which sees the end too and may still find there what the guest sent before.
            LOG.log(System.Logger.Level.DEBUG, "cannot write to the guest", e);
        }
    }

    private void hangUp() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing the connection to the guest", e);
        }
    }

    static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
