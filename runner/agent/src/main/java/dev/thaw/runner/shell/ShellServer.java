package dev.thaw.runner.shell;

import dev.thaw.runner.execution.KeptGuest;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Gives shells in one kept guest, as many as are asked for, until closed. */
public final class ShellServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ShellServer.class.getName());

    private final Path socket;
    private final ServerSocketChannel listener;
    private final KeptGuest guest;
    private final Set<ShellSession> sessions = ConcurrentHashMap.newKeySet();

    private ShellServer(Path socket, ServerSocketChannel listener, KeptGuest guest) {
        this.socket = socket;
        this.listener = listener;
        this.guest = guest;
    }

    /** Listens on a socket that only this user can reach, and that is gone when this is closed. */
    public static ShellServer open(Path socket, KeptGuest guest) throws RunnerException {
        try {
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listener.bind(UnixDomainSocketAddress.of(socket));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            var server = new ShellServer(socket, listener, guest);
            daemon("shells", server::accept);
            return server;
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot listen on " + socket + ": " + e.getMessage(), e);
        }
    }

    static void daemon(String name, Runnable body) {
        var thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends every shell. */
    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "left: " + socket, e);
        }
        sessions.forEach(ShellSession::close);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                var session = new ShellSession(new ShellWire(channel), guest);
                sessions.add(session);
                daemon("shell", () -> serve(session));
            }
        } catch (ClosedChannelException e) {
            // The guest is let go.
            return;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "no more shells in the kept guest", e);
        }
    }

    private void serve(ShellSession session) {
        try {
            session.serve();
        } finally {
            session.close();
            sessions.remove(session);
        }
    }
}
