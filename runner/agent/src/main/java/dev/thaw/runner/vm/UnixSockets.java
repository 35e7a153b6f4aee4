package dev.thaw.runner.vm;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** Connections to sockets that a child process is about to make. */
final class UnixSockets {
    private static final long PAUSE_MILLIS = 1;

    private UnixSockets() {}

    /**
     * Connects as soon as somebody listens.
     *
     * @param alive whether it is worth going on
     * @throws IOException if nobody listens in time, or nobody ever will
     */
    static SocketChannel connect(Path path, Deadline deadline, BooleanSupplier alive)
            throws IOException, InterruptedException {
        IOException last = new IOException("nothing listens on " + path.getFileName());
        while (!deadline.passed() && alive.getAsBoolean()) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
                return channel;
            } catch (IOException e) {
                channel.close();
                last = e;
                Thread.sleep(PAUSE_MILLIS);
            }
        }
        throw last;
    }
}
