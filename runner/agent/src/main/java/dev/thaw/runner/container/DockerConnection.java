package dev.thaw.runner.container;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.guest.GuestStream;
import dev.thaw.runner.job.Deadline;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;

/** A connection to the guest's Docker daemon. */
interface DockerConnection extends AutoCloseable {
    /** What the daemon says. */
    InputStream input();

    /** What the daemon hears. */
    OutputStream output();

    /** Tells the daemon that no more comes; it can still be heard. */
    void finish();

    /** Ends both directions, from any thread; a read that waits ends with an exception. */
    @Override
    void close();

    /** Where connections come from. */
    interface Source {
        /** A new connection; ConnectException if no daemon answers. */
        DockerConnection connect(Deadline deadline) throws RunnerException, InterruptedException, ConnectException;
    }

    /** Connections through guestd. */
    static Source in(GuestSession guest) {
        return deadline -> new Relayed(guest.dialUnix("/run/docker.sock", deadline));
    }

    /** Over a stream of the session with guestd. */
    record Relayed(GuestStream stream) implements DockerConnection {
        @Override
        public InputStream input() {
            return stream.input();
        }

        @Override
        public OutputStream output() {
            return stream.output();
        }

        @Override
        public void finish() {
            stream.finish();
        }

        @Override
        public void close() {
            stream.close();
        }
    }
}
