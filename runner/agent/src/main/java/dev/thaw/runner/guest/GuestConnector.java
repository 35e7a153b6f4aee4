package dev.thaw.runner.guest;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Connects to the socket of a guest's port, which may not be there yet. */
final class GuestConnector {
    private static final Duration IMPATIENT = Duration.ofMillis(500);
    private static final int SHORT_STEP_MILLIS = 1;
    private static final int LONG_STEP_MILLIS = 10;

    private GuestConnector() {}

    /** A connection in blocking mode; waits while the socket does not exist or refuses. */
    static SocketChannel connect(Path socket, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
        Deadline impatient = Deadline.in(IMPATIENT);
        while (true) {
            Optional<SocketChannel> channel = tryConnect(address);
            if (channel.isPresent()) {
                return channel.get();
            }
            if (deadline.passed()) {
                throw new TimeoutException();
            }
            TimeUnit.MILLISECONDS.sleep(impatient.passed() ? LONG_STEP_MILLIS : SHORT_STEP_MILLIS);
        }
    }

    private static Optional<SocketChannel> tryConnect(UnixDomainSocketAddress address) throws IOException {
        if (!Files.exists(address.getPath())) {
            return Optional.empty();
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean connected = false;
        try {
            // Not blocking: a connect to a full queue would wait without limit.
            channel.configureBlocking(false);
            boolean accepted = channel.connect(address);
            channel.configureBlocking(true);
            connected = accepted;
            return connected ? Optional.of(channel) : Optional.empty();
        } catch (ConnectException e) {
            return Optional.empty();
        } catch (IOException e) {
            if (Files.exists(address.getPath())) {
                throw e;
            }
            return Optional.empty();
        } finally {
            if (!connected) {
                channel.close();
            }
        }
    }
}
