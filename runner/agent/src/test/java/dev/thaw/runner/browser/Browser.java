package dev.thaw.runner.browser;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Chromium of its own, without a window, with a profile that is new; it talks to nobody by itself. */
public final class Browser implements AutoCloseable {
    /** For a start and for each answer: the machine may have other work. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Path PROGRAM = Path.of("/usr/bin/chromium");

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;
    private final List<Tab> tabs = new ArrayList<>();

    private Browser(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it.
     *
     * @param directory for its profile and its log
     */
    public static Browser start(Path directory) throws IOException, InterruptedException {
        if (!Files.isExecutable(PROGRAM)) {
            throw new AssertionError("there is no " + PROGRAM + "; ./verify installs it (Debian: chromium)");
        }
        Path profile = Files.createDirectories(directory.resolve("profile"));
        Path log = directory.resolve("chromium.log");
        var builder = new ProcessBuilder(command(profile));
        builder.environment().put("HOME", directory.toString());
        builder.environment()
                .put("TMPDIR", Files.createDirectories(directory.resolve("tmp")).toString());
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        try {
            return new Browser(process, port(process, profile.resolve("DevToolsActivePort"), log));
        } catch (AssertionError | IOException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static List<String> command(Path profile) {
        return List.of(
                PROGRAM.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--no-default-browser-check",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-default-apps",
                "--disable-extensions",
                "--disable-sync",
                "--no-proxy-server",
                // A tab that is not in front draws and counts as if it were.
                "--disable-background-timer-throttling",
                "--disable-renderer-backgrounding",
                "--user-data-dir=" + profile,
                "--remote-debugging-address=127.0.0.1",
                "--remote-debugging-port=0",
                "about:blank");
    }

    private static int port(Process process, Path file, Path log) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            // Written in one go, a line each for the port and a path.
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            if (lines.size() > 1) {
                return Integer.parseInt(lines.get(0));
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("the browser does not start: " + Files.readString(log));
    }

    /** A new tab, as large as a desk's window. */
    public Tab open() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/new?about:blank"))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .timeout(LIMIT)
                .build();
        String answer = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        String address =
                new JsonMapper().readTree(answer).path("webSocketDebuggerUrl").asText();
        Tab tab = Tab.connect(http, URI.create(address));
        tabs.add(tab);
        return tab;
    }

    @Override
    public void close() {
        tabs.forEach(Tab::close);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
