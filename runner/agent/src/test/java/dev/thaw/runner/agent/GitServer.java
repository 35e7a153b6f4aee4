package dev.thaw.runner.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One repository with one commit, served on loopback by git's own CGI program to one user. */
final class GitServer implements AutoCloseable {
    private static final String LOGIN =
            "Basic " + Base64.getEncoder().encodeToString("ann:geheim".getBytes(StandardCharsets.US_ASCII));

    private final Path root;
    private final HttpServer server;

    GitServer(Path root) throws Exception {
        this.root = Files.createDirectories(root);
        Path project = Files.createDirectory(root.resolve("project"));
        git(project, "init", "-q", "-b", "main");
        Files.writeString(project.resolve("greeting"), "from the repository\n");
        git(project, "add", "-A");
        git(project, "commit", "-q", "-m", "one");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    String url() {
        return "http://" + host() + "/project";
    }

    private static void git(Path directory, String... words) throws Exception {
        var command = new ArrayList<>(List.of("git", "-c", "user.name=a", "-c", "user.email=a@example.org"));
        command.addAll(List.of(words));
        Process git = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!git.waitFor(60, TimeUnit.SECONDS) || git.exitValue() != 0) {
            throw new AssertionError("git " + String.join(" ", words));
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!LOGIN.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            byte[] request = exchange.getRequestBody().readAllBytes();
            byte[] said = backend(exchange, request);
            String text = new String(said, StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            text.substring(0, end)
                    .lines()
                    .map(line -> line.split(": ", 2))
                    .forEach(field -> exchange.getResponseHeaders().add(field[0], field[1]));
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(said, end + 4, said.length - end - 4);
        }
    }

    private byte[] backend(HttpExchange exchange, byte[] request) throws IOException {
        var builder = new ProcessBuilder("/usr/lib/git-core/git-http-backend");
        var environment = builder.environment();
        environment.put("GIT_PROJECT_ROOT", root.toString());
        environment.put("GIT_HTTP_EXPORT_ALL", "1");
        environment.put("PATH_INFO", exchange.getRequestURI().getPath());
        environment.put("REQUEST_METHOD", exchange.getRequestMethod());
        environment.put(
                "QUERY_STRING",
                Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse(""));
        for (String name : List.of("Content-Type", "Content-Encoding", "Git-Protocol")) {
            String value = Optional.ofNullable(exchange.getRequestHeaders().getFirst(name))
                    .orElse("");
            String plain = name.toUpperCase(Locale.ROOT).replace('-', '_');
            environment.put(name.equals("Content-Encoding") ? "HTTP_" + plain : plain, value);
        }
        environment.put("CONTENT_LENGTH", String.valueOf(request.length));
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (var in = process.getOutputStream()) {
            in.write(request);
        }
        return process.getInputStream().readAllBytes();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
