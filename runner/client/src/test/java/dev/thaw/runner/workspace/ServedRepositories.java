package dev.thaw.runner.workspace;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The repositories of one directory, served by git itself on this machine's loopback. */
final class ServedRepositories implements AutoCloseable {
    private static final Path BACKEND = Path.of("/usr/lib/git-core/git-http-backend");

    private final Path root;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> shown = new CopyOnWriteArrayList<>();
    private volatile String wanted = "";
    private volatile @Nullable ServedRepositories elsewhere;

    ServedRepositories(Path root) throws IOException {
        this.root = root;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url(String name) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + name;
    }

    /** From now on only for this user; what is shown is kept. */
    void require(String user, String password) {
        wanted =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** From now on everything is elsewhere. */
    void redirectTo(ServedRepositories other) {
        elsewhere = other;
    }

    /** All that was shown to this server to be let in. */
    List<String> shown() {
        return shown;
    }

    /** By git's CGI program. */
    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            if (authorization != null) {
                shown.add(authorization);
            }
            if (elsewhere != null) {
                exchange.getResponseHeaders()
                        .add(
                                "Location",
                                elsewhere.url(
                                        exchange.getRequestURI().toString().substring(1)));
                exchange.sendResponseHeaders(301, -1);
                return;
            }
            if (!wanted.isEmpty() && !wanted.equals(authorization)) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            var builder = new ProcessBuilder(BACKEND.toString());
            var environment = builder.environment();
            environment.put("GIT_PROJECT_ROOT", root.toString());
            environment.put("GIT_HTTP_EXPORT_ALL", "1");
            environment.put("PATH_INFO", exchange.getRequestURI().getPath());
            environment.put("REQUEST_METHOD", exchange.getRequestMethod());
            put(environment, "QUERY_STRING", exchange.getRequestURI().getQuery());
            put(environment, "CONTENT_TYPE", exchange.getRequestHeaders().getFirst("Content-Type"));
            put(
                    environment,
                    "HTTP_CONTENT_ENCODING",
                    exchange.getRequestHeaders().getFirst("Content-Encoding"));
            put(environment, "GIT_PROTOCOL", exchange.getRequestHeaders().getFirst("Git-Protocol"));
            byte[] request = exchange.getRequestBody().readAllBytes();
            environment.put("CONTENT_LENGTH", String.valueOf(request.length));
            Process process =
                    builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (var in = process.getOutputStream()) {
                in.write(request);
            }
            send(exchange, process.getInputStream().readAllBytes());
        }
    }

    private static void put(java.util.Map<String, String> environment, String name, @Nullable String value) {
        environment.put(name, value == null ? "" : value);
    }

    private static void send(HttpExchange exchange, byte[] answer) throws IOException {
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        int status = 200;
        List<String> lines =
                end < 0 ? new ArrayList<>() : text.substring(0, end).lines().toList();
        for (String line : lines) {
            String[] parts = line.split(": ", 2);
            if (parts[0].equals("Status")) {
                status = Integer.parseInt(parts[1].substring(0, 3));
            } else {
                exchange.getResponseHeaders().add(parts[0], parts[1]);
            }
        }
        int begin = end + 4;
        exchange.sendResponseHeaders(status, begin == answer.length ? -1 : answer.length - begin);
        exchange.getResponseBody().write(answer, begin, answer.length - begin);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
