package dev.thaw.runner.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.api.Listener;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobEventText;
import dev.thaw.runner.job.Resources;
import dev.thaw.runner.records.RecordsDatabase;
import dev.thaw.runner.records.Retention;
import dev.thaw.runner.records.Scope;
import dev.thaw.runner.records.Tokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An agent on this host's loopback, whose jobs need no guests, and requests to it. */
final class AgentUnderTest implements AutoCloseable {
    static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    final FakeBody body = new FakeBody();
    final Daemon daemon;
    final String admin;
    private final Path directory;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Answers answers;

    /** Told of every answer, for checks that all must pass. */
    interface Answers {
        void got(String method, String path, HttpResponse<String> response);
    }

    AgentUnderTest(Path directory) throws Exception {
        this(directory, 100, (method, path, response) -> {});
    }

    AgentUnderTest(Path directory, int queueLength, Answers answers) throws Exception {
        this(directory, queueLength, answers, 0);
    }

    /** One that takes the place of another at its address. */
    AgentUnderTest(Path directory, int queueLength, Answers answers, int port) throws Exception {
        this(directory, queueLength, answers, port, List.of());
    }

    /** One that may fetch revisions. */
    AgentUnderTest(Path directory, int queueLength, Answers answers, int port, List<GitHost> git) throws Exception {
        this.directory = directory;
        this.answers = answers;
        var config = new AgentConfig(
                new Listener(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Optional.empty()),
                "auto",
                new Demand(2, new ByteSize(2L << 30), new ByteSize(1000)),
                queueLength,
                Duration.ofHours(1),
                new ByteSize(100_000),
                new ByteSize(1_000_000),
                new Retention(Duration.ofDays(1), new ByteSize(1 << 30)),
                new AgentConfig.Standby(List.of(new StandbyWish("docker", Resources.UNSPECIFIED, 2)), new ByteSize(0)),
                git,
                Duration.ofMillis(300));
        daemon = Daemon.open(config, directory, body, "1.0");
        daemon.start();
        admin = Files.readString(directory.resolve(AgentFiles.TOKEN)).strip();
    }

    String token(Scope... scopes) throws Exception {
        try (RecordsDatabase database = RecordsDatabase.open(directory)) {
            return new Tokens(database, Clock.systemUTC())
                    .create("test", Set.of(scopes), Optional.empty())
                    .text();
        }
    }

    static ObjectNode order(String script) {
        ObjectNode order = JSON.createObjectNode();
        order.putObject("spec").putArray("steps").addObject().put("run", script);
        return order;
    }

    HttpResponse<String> send(String token, String method, String path, Optional<String> body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(daemon.address() + path))
                .timeout(LIMIT)
                .method(
                        method,
                        body.map(HttpRequest.BodyPublishers::ofString).orElseGet(HttpRequest.BodyPublishers::noBody));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response =
                http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
        answers.got(method, path, response);
        return response;
    }

    HttpResponse<String> get(String token, String path) throws IOException, InterruptedException {
        return send(token, "GET", path, Optional.empty());
    }

    HttpResponse<String> post(String token, String path, JsonNode body, String... headers)
            throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of("Content-Type", "application/json"));
        all.addAll(List.of(headers));
        return send(token, "POST", path, Optional.of(body.toString()), all.toArray(String[]::new));
    }

    HttpResponse<String> upload(String token, String id, String archive) throws IOException, InterruptedException {
        return send(
                token,
                "PUT",
                "/v1/jobs/" + id + "/workspace",
                Optional.of(archive),
                "Content-Type",
                "application/x-tar");
    }

    static JsonNode json(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Submits as the administrator; the job's id. */
    String submit(JsonNode order) throws IOException, InterruptedException {
        HttpResponse<String> response = post(admin, "/v1/jobs", order);
        if (response.statusCode() != 201) {
            throw new AssertionError(response.body());
        }
        return json(response).path("job").path("id").asText();
    }

    JsonNode job(String id) throws IOException, InterruptedException {
        return json(get(admin, "/v1/jobs/" + id));
    }

    /** An event and the offset that goes on behind it. */
    record Heard(JobEvent event, long next) {}

    /** All events from an offset up to the end of the job. */
    List<Heard> follow(String token, String id, long offset) throws IOException, InterruptedException {
        var heard = new ArrayList<Heard>();
        long next = 0;
        for (String line :
                get(token, "/v1/jobs/" + id + "/events?offset=" + offset).body().split("\n", -1)) {
            if (line.startsWith("id: ")) {
                next = Long.parseLong(line.substring(4));
            } else if (line.startsWith("data: ")) {
                heard.add(new Heard(JobEventText.parse(line.substring(6)).orElseThrow(), next));
            }
        }
        return heard;
    }

    /** All output of a job, when it is over. */
    String output(String id) throws IOException, InterruptedException {
        var out = new ByteArrayOutputStream();
        for (Heard heard : follow(admin, id, 0)) {
            if (heard.event() instanceof JobEvent.Log log) {
                out.writeBytes(log.bytes());
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** How a job ended, when it has. */
    JobEvent.Ended ended(String id) throws IOException, InterruptedException {
        List<Heard> all = follow(admin, id, 0);
        return (JobEvent.Ended) all.get(all.size() - 1).event();
    }

    /** Waits until a job is in a state. */
    void await(String id, String state) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!job(id).path("state").asText().equals(state)) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("job " + id + " is not " + state + ": " + job(id));
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        try {
            daemon.drain();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            daemon.close();
        }
    }
}
