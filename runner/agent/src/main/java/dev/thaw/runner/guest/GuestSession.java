package dev.thaw.runner.guest;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with guestd. Every call may be made by any thread, and an interrupt ends the call it meets and nothing
 * else. A guest that goes away or breaks the protocol ends them all, with {@link Fault#GUEST_LOST}.
 */
public final class GuestSession implements AutoCloseable {
    private static final Duration MOST_CLOCK_ERROR = Duration.ofMillis(100);

    private final Yamux session;
    private final Requests requests;
    private final AtomicLong processes = new AtomicLong();

    private GuestSession(Yamux session) {
        this.session = session;
        requests = new Requests(session);
    }

    /** Connects to the socket of a guest's port as soon as it is there, and begins a session. */
    public static GuestSession open(Path socket, Deadline deadline) throws RunnerException, InterruptedException {
        try {
            return over(GuestConnector.connect(socket, deadline), deadline);
        } catch (TimeoutException e) {
            throw new RunnerException(
                    Fault.RESTORE, "nothing accepted a connection at " + socket + " before the deadline", e);
        } catch (IOException e) {
            throw new RunnerException(Fault.RESTORE, "cannot connect to " + socket + ": " + e.getMessage(), e);
        }
    }

    /** Begins a session over a connection in blocking mode, which is the session's to close from here on. */
    static GuestSession over(SocketChannel connection, Deadline deadline) throws RunnerException, InterruptedException {
        Yamux session = Yamux.begin(connection);
        boolean begun = false;
        try {
            // The first JSON of a JVM takes 30 ms; spent here, where the guest is busy waking up.
            Requests.rehearse();
            session.awaitEcho(deadline);
            begun = true;
            return new GuestSession(session);
        } catch (TimeoutException e) {
            throw new RunnerException(Fault.RESTORE, "guestd did not answer the preamble before the deadline", e);
        } catch (IOException e) {
            throw new RunnerException(Fault.RESTORE, "no session with guestd: " + e.getMessage(), e);
        } finally {
            if (!begun) {
                session.close();
            }
        }
    }

    /**
     * Opens the gate in front of every job: returns once the guest has the host's time to 100 ms, fresh randomness and
     * this identity. A guest that cannot confirm that is a fault of kind RESTORE.
     */
    public GuestIdentity identify(Identity identity, Deadline deadline) throws RunnerException, InterruptedException {
        long sent = nowNanos();
        try {
            return requests.ask("identity", GuestRequest.identity(identity, sent), deadline, (stream, answer) -> {
                long arrived = nowNanos();
                stream.close();
                return identified(answer, sent + (arrived - sent) / 2);
            });
        } catch (RunnerException e) {
            throw e.fault() == Fault.DEADLINE
                    ? new RunnerException(Fault.RESTORE, String.valueOf(e.getMessage()), e)
                    : e;
        }
    }

    /** Says that this guest is a template being warmed: it runs commands without an identity, and can be frozen. */
    public void identifyWarming(Deadline deadline) throws RunnerException, InterruptedException {
        requests.ask("identity", GuestRequest.warming(), deadline, (stream, answer) -> {
            stream.close();
            checkNotRefused(answer, Fault.BUILD, "identity");
            return answer.checkOk("time_ns", "boot_nonce", "kernel");
        });
    }

    /**
     * Begins again over the same connection, as if nothing had been said: the next thing can be an identity. For a
     * session that has had none, or was warming, and in which nothing runs. To hang up and connect again would do the
     * same, but the guest may see the hanging up after the next session has begun, and end that.
     */
    public void beginAgain(Deadline deadline) throws RunnerException, InterruptedException {
        try {
            session.renew(deadline);
        } catch (TimeoutException e) {
            throw new RunnerException(Fault.RESTORE, "guestd did not begin another session before the deadline", e);
        } catch (IOException e) {
            throw new RunnerException(Fault.RESTORE, "no other session with guestd: " + e.getMessage(), e);
        }
    }

    /**
     * Starts a process. Returns when the command is sent: whether there is such a program is part of the outcome. A
     * command and environment of more than 1 MiB are a fault of kind USAGE.
     */
    public GuestProcess start(GuestCommand command, Stdio stdio) throws RunnerException, InterruptedException {
        try {
            return GuestProcess.start(session, "e" + processes.incrementAndGet(), command, stdio);
        } catch (TimeoutException e) {
            throw new RunnerException(Fault.GUEST_LOST, "guestd does not take the command that it is sent", e);
        } catch (IOException e) {
            throw Requests.lost(session, e);
        }
    }

    /**
     * Prepares a warmed guest for its snapshot; the nonce is 32 lower-case hex digits, and comes back as the boot nonce
     * of every guest restored from it. The session is over then: close it.
     */
    public void freeze(String nonce, Deadline deadline) throws RunnerException, InterruptedException {
        requests.ask("freeze", GuestRequest.freeze(nonce), deadline, (stream, answer) -> {
            checkNotRefused(answer, Fault.BUILD, "freeze");
            answer.checkOk();
            // Not closed: whatever is sent now is in flight while the snapshot is taken.
            return Optional.ofNullable(stream.readLine(deadline));
        });
    }

    /** A connection to a UNIX socket in the guest; ConnectException if nothing answers there. */
    public GuestStream dialUnix(String path, Deadline deadline)
            throws RunnerException, InterruptedException, ConnectException {
        return dial("unix", path, deadline);
    }

    /** A connection to {@code address:port} in the guest, in 127.0.0.0/8; ConnectException if nothing answers there. */
    public GuestStream dialTcp(String address, Deadline deadline)
            throws RunnerException, InterruptedException, ConnectException {
        return dial("tcp", address, deadline);
    }

    /** Has the guest write its file systems out and switch itself off; returns when it has begun. */
    public void powerOff(Deadline deadline) throws RunnerException, InterruptedException {
        requests.ask("poweroff", GuestRequest.powerOff(), deadline, (stream, answer) -> {
            stream.close();
            checkNotRefused(answer, Fault.GUEST_LOST, "poweroff");
            return answer.checkOk();
        });
    }

    /**
     * Hangs up: ends every stream, process and thread of the session. A guest that has an identity switches itself off.
     * Never throws or waits, idempotent, works on an interrupted thread.
     */
    @Override
    public void close() {
        session.close();
    }

    private GuestStream dial(String kind, String address, Deadline deadline)
            throws RunnerException, InterruptedException, ConnectException {
        Dialled dialled = requests.ask("dial", GuestRequest.dial(kind, address), deadline, Dialled::of);
        if (dialled.refusal() != null) {
            dialled.stream().close();
            throw new ConnectException(address + " in the guest: " + dialled.refusal());
        }
        return dialled.stream();
    }

    private static GuestIdentity identified(GuestAnswer answer, long hostNanos) throws IOException, RunnerException {
        checkNotRefused(answer, Fault.RESTORE, "identity");
        answer.checkOk("time_ns", "boot_nonce", "kernel");
        // The guest made its answer between request and arrival; the middle is the best guess there is.
        Duration error = Duration.ofNanos(Math.subtractExact(answer.number("time_ns", 0, Long.MAX_VALUE), hostNanos));
        if (error.abs().compareTo(MOST_CLOCK_ERROR) > 0) {
            throw new RunnerException(
                    Fault.RESTORE,
                    "the guest's clock is off by " + error.toMillis() + " ms after it was set, "
                            + MOST_CLOCK_ERROR.toMillis() + " ms are allowed");
        }
        return new GuestIdentity(answer.text("boot_nonce"), answer.text("kernel"), error);
    }

    private static void checkNotRefused(GuestAnswer answer, Fault fault, String what)
            throws GuestLostException, RunnerException {
        if (answer.has("error")) {
            String why = answer.checkOnly("error").text("error");
            throw new RunnerException(fault, "guestd refused " + what + ": " + why);
        }
    }

    private static long nowNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000 + now.getNano();
    }

    /** The stream that was to be a connection, and why it is none. */
    private record Dialled(GuestStream stream, @Nullable String refusal) {
        static Dialled of(GuestStream stream, GuestAnswer answer) throws GuestLostException {
            if (answer.has("error")) {
                return new Dialled(stream, answer.checkOnly("error").text("error"));
            }
            answer.checkOk();
            return new Dialled(stream, null);
        }
    }
}
