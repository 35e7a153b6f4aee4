package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.client.AgentAddress;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.AttachedInput;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobEventText;
import dev.thaw.runner.job.JobId;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** {@code runner agent} as a process, and requests to it. */
final class RealAgent implements AutoCloseable {
    static final Path DIRECTORY = Runner.HOME.resolve("agent");
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final Process process;
    private final URI address;
    private final String token;
    private final HttpClient http = HttpClient.newHttpClient();

    /** Starts one, and waits until it says where it is. */
    RealAgent(Path work, String config) throws Exception {
        Files.deleteIfExists(DIRECTORY.resolve("address"));
        Path file = Files.writeString(work.resolve("agent.yaml"), "listen: 127.0.0.1:0\n" + config);
        process = Runner.shared().start(List.of("agent", "--config", file.toString()), work);
        var log = new Thread(() -> copy(process.getErrorStream()), "agent-log");
        log.setDaemon(true);
        log.start();
        Runner.await("the agent's address", Duration.ofMinutes(2), () -> {
            assertThat(process.isAlive()).describedAs("the agent lives").isTrue();
            return Files.exists(DIRECTORY.resolve("address"));
        });
        address = URI.create(Files.readString(DIRECTORY.resolve("address")).strip());
        token = Files.readString(DIRECTORY.resolve("token")).strip();
    }

    /** Starts one and kills it so many milliseconds later, wherever it has come to. */
    static void startAndKill(Path work, int millis) throws Exception {
        Process process = Runner.shared()
                .start(List.of("agent", "--config", work.resolve("agent.yaml").toString()), work);
        // Not to wait for anything: this is the moment.
        boolean over = process.waitFor(millis, TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        assertThat(over).describedAs("the agent ended by itself").isFalse();
    }

    /** Whether it lives so many milliseconds more. */
    boolean lives(int millis) throws InterruptedException {
        return !process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    private static void copy(InputStream log) {
        try {
            log.transferTo(System.err);
        } catch (IOException e) {
            System.err.println(e);
        }
    }

    /** With a slash at its end. */
    URI address() {
        return address.resolve("/");
    }

    static ObjectNode order(String script) {
        ObjectNode order = JSON.createObjectNode();
        order.putObject("spec").putArray("steps").addObject().put("run", script);
        return order;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path)).timeout(LIMIT).header("Authorization", "Bearer " + token);
    }

    JsonNode json(String method, String path, Optional<JsonNode> body, int status) throws Exception {
        HttpResponse<String> response = send(method, path, body);
        assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(status);
        return JSON.readTree(response.body());
    }

    /** One request, whatever the answer is. */
    HttpResponse<String> send(String method, String path, Optional<JsonNode> body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path)
                .method(
                        method,
                        body.map(node -> HttpRequest.BodyPublishers.ofString(node.toString()))
                                .orElseGet(HttpRequest.BodyPublishers::noBody));
        body.ifPresent(node -> request.header("Content-Type", "application/json"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A job's events from an offset on, as they come. */
    HttpResponse<InputStream> events(String id, long offset) throws IOException, InterruptedException {
        return http.send(
                request("/v1/jobs/" + id + "/events?offset=" + offset).build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    AttachedInput attach(JobId id) throws RunnerException, InterruptedException {
        return new AgentClient(AgentAddress.parse(address.toString(), token, Optional.empty())).attach(id, token);
    }

    String metrics() throws Exception {
        HttpResponse<String> response = http.send(request("/metrics").build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    /** How many guests wait for jobs. */
    int waiting() throws Exception {
        int sum = 0;
        for (JsonNode kind : json("GET", "/v1/host", Optional.empty(), 200).path("standby")) {
            sum += kind.path("guests").asInt();
        }
        return sum;
    }

    String submit(ObjectNode order) throws Exception {
        return json("POST", "/v1/jobs", Optional.of(order), 201)
                .path("job")
                .path("id")
                .asText();
    }

    void upload(String id, byte[] archive) throws Exception {
        assertThat(send(id, archive)).isEqualTo(204);
    }

    /** Sends a workspace; the status of the answer. */
    int send(String id, byte[] archive) throws IOException, InterruptedException {
        HttpRequest request = request("/v1/jobs/" + id + "/workspace")
                .header("Content-Type", "application/x-tar")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(archive))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    JsonNode job(String id) throws Exception {
        return json("GET", "/v1/jobs/" + id, Optional.empty(), 200);
    }

    byte[] artifact(String id, String name) throws Exception {
        HttpResponse<byte[]> response = http.send(
                request("/v1/jobs/" + id + "/artifacts/" + name).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    /** What somebody has heard: events, and where to go on. */
    static final class Story {
        final List<JobEvent> events = new ArrayList<>();
        long next;

        String output() {
            var out = new ByteArrayOutputStream();
            events.forEach(event -> {
                if (event instanceof JobEvent.Log log) {
                    out.writeBytes(log.bytes());
                }
            });
            return out.toString(StandardCharsets.UTF_8);
        }

        JobEvent.Ended ended() {
            return (JobEvent.Ended) events.get(events.size() - 1);
        }
    }

    /** Listens until the output holds something, the job is over or the agent is gone. */
    void follow(String id, Story story, String until) throws Exception {
        HttpResponse<InputStream> response = http.send(
                request("/v1/jobs/" + id + "/events?offset=" + story.next).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            long next = story.next;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    next = Long.parseLong(line.substring(4));
                } else if (line.startsWith("data: ")) {
                    JobEventText.parse(line.substring(6)).ifPresent(story.events::add);
                    story.next = next;
                    if (story.output().contains(until)) {
                        return;
                    }
                }
            }
        }
    }

    /** The whole story. */
    Story story(String id) throws Exception {
        var story = new Story();
        follow(id, story, "\0 never said");
        return story;
    }

    void kill() throws Exception {
        process.destroyForcibly().waitFor();
    }

    /** Tells it to end, and waits; its exit code. */
    int terminate() throws Exception {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
