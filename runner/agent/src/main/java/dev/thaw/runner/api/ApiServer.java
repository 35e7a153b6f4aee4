package dev.thaw.runner.api;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.records.JobRecords;
import dev.thaw.runner.records.Tokens;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.function.Supplier;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.MinimumDataRateHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/** The HTTP server: where it listens, and how much it takes of whom. */
public final class ApiServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ApiServer.class.getName());
    private static final int MOST_THREADS = 250;
    private static final int LARGEST_HEADERS = 16 << 10;
    /** A client that sends or takes nothing for that long is gone. */
    private static final Duration IDLE = Duration.ofSeconds(60);
    /** Bytes per second; a client that sends less holds a thread for nothing. */
    private static final long SLOWEST_UPLOAD = 256;
    /** After that a client is asked whether it is there. */
    private static final Duration SOCKET_IDLE = Duration.ofSeconds(30);

    private static final long LARGEST_MESSAGE = 64 << 10;
    private static final long LARGEST_TEXT = 4 << 10;

    private final Server server;
    private final ServerConnector connector;
    private final boolean tls;

    /** The jobs of one agent, behind one desk. */
    public record Backend(JobDesk desk, JobRecords records, JobFolders folders, Tokens tokens) {}

    /** A server that does not listen yet. */
    public ApiServer(Listener listener, Backend backend, String version, Supplier<String> metrics) {
        var threads = new QueuedThreadPool(MOST_THREADS, 4);
        threads.setName("http");
        threads.setDaemon(true);
        server = new Server(threads);
        tls = listener.tls().isPresent();
        connector = connector(listener);
        connector.setHost(listener.address().getHostString());
        connector.setPort(listener.address().getPort());
        connector.setIdleTimeout(IDLE.toMillis());
        server.addConnector(connector);
        var routes = new ArrayList<Route>();
        routes.addAll(new JobRoutes(backend.desk(), backend.records(), backend.folders()).all());
        routes.addAll(new HostRoutes(backend.desk(), version, metrics).all());
        routes.addAll(new PageRoutes().all());
        server.setHandler(new MinimumDataRateHandler(new Door(routes, backend.tokens()), SLOWEST_UPLOAD, 0));
        server.setErrorHandler(new PlainErrors());
        ServerWebSocketContainer sockets = ServerWebSocketContainer.ensure(server);
        sockets.setIdleTimeout(SOCKET_IDLE);
        sockets.setMaxBinaryMessageSize(LARGEST_MESSAGE);
        sockets.setMaxTextMessageSize(LARGEST_TEXT);
    }

    private ServerConnector connector(Listener listener) {
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setRequestHeaderSize(LARGEST_HEADERS);
        var http = new HttpConnectionFactory(configuration);
        if (listener.tls().isEmpty()) {
            return new ServerConnector(server, http);
        }
        Listener.Tls keys = listener.tls().get();
        var context = new SslContextFactory.Server();
        context.setKeyStore(keys.store());
        context.setKeyStorePassword(keys.password());
        // Any name of the host will do: clients check the certificate, the agent need not.
        var customizer = new SecureRequestCustomizer();
        customizer.setSniHostCheck(false);
        configuration.addCustomizer(customizer);
        return new ServerConnector(server, new SslConnectionFactory(context, http.getProtocol()), http);
    }

    /**
     * Listens from now on.
     *
     * @throws RunnerException {@code HOST} if it cannot
     */
    public void start() throws RunnerException {
        try {
            server.start();
        } catch (Exception e) {
            throw new RunnerException(
                    Fault.HOST,
                    "cannot listen on " + connector.getHost() + ":" + connector.getPort() + ": " + e.getMessage()
                            + "; set 'listen' to another address",
                    e);
        }
    }

    /** Where it is to be had. */
    public URI address() {
        String host = connector.getHost();
        String literal = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return URI.create((tls ? "https://" : "http://") + literal + ":" + connector.getLocalPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.WARNING, "stopping the HTTP server", e);
        }
    }
}
