package dev.thaw.runner.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@SuppressWarnings("NullAway.Init")
class AgentClientTest {
    private static final JobId ID = new JobId("j1");
    private static final String JOB = "{\"id\":\"j1\",\"state\":\"queued\",\"client\":\"c\","
            + "\"submitted\":\"2026-01-01T00:00:00Z\",\"spec\":{\"steps\":[{\"run\":\"make\\nmake check\"}]}}";
    private static final String ENDED = "{\"type\":\"ended\",\"at\":\"2026-01-01T00:00:09Z\",\"ending\":"
            + "{\"outcome\":\"finished\",\"exit_code\":0,\"artifacts\":{\"count\":0,\"bytes\":0,\"notes\":[]},"
            + "\"timings\":{}}}";

    /** What is answered, one for each request. */
    private final Deque<Answer> answers = new ArrayDeque<>();

    private final List<String> requests = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer server;
    private AgentClient client;

    private interface Answer {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        client = new AgentClient(
                AgentAddress.parse("http://127.0.0.1:" + server.getAddress().getPort(), "the-token", Optional.empty()));
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")));
        assertThat(exchange.getRequestHeaders().getFirst("Authorization"))
                .isIn("Bearer the-token", "Bearer of-the-job");
        try (exchange) {
            answers.remove().to(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Answer says(int status, String body) {
        return exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    /** A stream of events that ends in the middle of nowhere. */
    private static Answer tells(String... lines) {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            for (String line : lines) {
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
            out.flush();
        };
    }

    private static String log(String data) {
        return new JsonMapper()
                .createObjectNode()
                .put("type", "log")
                .put("stream", "stdout")
                .put("data", data.getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    @Test
    void aStoryThatBreaksOffGoesOnWhereItWasAndEachEventComesOnce() throws Exception {
        answers.add(tells(
                "id: 10",
                "event: log",
                "data: " + log("a"),
                "",
                ": alive",
                "",
                "id: 20",
                "data: " + log("b"),
                "",
                "id: 30"));
        answers.add(says(503, "{\"detail\":\"about to stop\"}"));
        answers.add(HttpExchange::close);
        answers.add(tells("id: 25", "data: {\"type\":\"of tomorrow\"}", "", "id: 30", "data: " + log("c"), ""));
        answers.add(tells("id: 40", "data: " + ENDED, ""));
        var told = new StringBuilder();
        try (JobStory story = client.follow(ID, "of-the-job", 0)) {
            for (Optional<JobEvent> event = story.next(); event.isPresent(); event = story.next()) {
                told.append(
                        event.get() instanceof JobEvent.Log log
                                ? new String(log.bytes(), StandardCharsets.UTF_8)
                                : event.get().word());
            }
            assertThat(story.offset()).isEqualTo(40);
        }
        assertThat(told).hasToString("abcended");
        assertThat(requests)
                .containsExactly(
                        "GET /v1/jobs/j1/events?offset=0",
                        "GET /v1/jobs/j1/events?offset=20",
                        "GET /v1/jobs/j1/events?offset=20",
                        "GET /v1/jobs/j1/events?offset=20",
                        "GET /v1/jobs/j1/events?offset=30");
    }

    @Test
    void whatThereIsByNowEndsWithoutAnEnd() throws Exception {
        answers.add(tells("id: 10", "data: " + log("a"), ""));
        try (JobStory story = client.story(ID, "the-token")) {
            assertThat(story.next()).isPresent();
            assertThat(story.next()).isEmpty();
            assertThat(story.next()).isEmpty();
        }
        assertThat(requests).containsExactly("GET /v1/jobs/j1/events?offset=0&follow=false");
    }

    @Test
    void aJobThatIsNotThereIsNotWaitedFor() {
        answers.add(says(404, "{\"detail\":\"no such\\u001b[2J job\"}"));
        JobStory story = client.follow(ID, "the-token", 0);
        var thrown = catchThrowableOfType(RunnerException.class, story::next);
        assertThat(thrown.fault()).isEqualTo(Fault.REFUSED);
        assertThat(thrown).hasMessage("the agent at " + client.address() + " says: no such [2J job");
    }

    @Test
    void anInterruptEndsTheWaitForTheNextEvent() throws Exception {
        var reached = new CountDownLatch(1);
        answers.add(exchange -> {
            tells("id: 10", "data: " + log("a"), "").to(exchange);
            reached.countDown();
            over.await();
        });
        var ended = new CompletableFuture<Exception>();
        var thread = new Thread(() -> {
            try (JobStory story = client.follow(ID, "the-token", 0)) {
                story.next();
                story.next();
            } catch (RunnerException | InterruptedException e) {
                ended.complete(e);
            }
        });
        thread.start();
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        while (thread.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        thread.interrupt();
        assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void aSubmissionThatBreaksOffIsTriedAgainUnderTheSameKey() throws Exception {
        answers.add(HttpExchange::close);
        answers.add(says(200, "{\"job\":" + JOB + ",\"job_token\":\"of-the-job\"}"));
        AgentReceipt receipt = client.submit(new JsonMapper().createObjectNode());
        assertThat(receipt.job().id()).isEqualTo(ID);
        assertThat(receipt.job().first()).isEqualTo("make");
        assertThat(receipt.jobToken()).isEqualTo("of-the-job");
        assertThat(receipt).hasToString("receipt of job j1");
        assertThat(keys).hasSize(2);
        assertThat(keys.get(0)).isEqualTo(keys.get(1)).hasSizeGreaterThan(20);
    }

    @Test
    void aFullAgentIsWorthAnotherTryAndARefusalIsNot() {
        answers.add(says(429, "{\"detail\":\"100 jobs wait already\"}"));
        answers.add(says(422, "<html>a proxy's page</html>"));
        var full =
                catchThrowableOfType(RunnerException.class, () -> client.submit(new JsonMapper().createObjectNode()));
        assertThat(full.fault()).isEqualTo(Fault.AGENT);
        assertThat(full.fault().retryable()).isTrue();
        var refused =
                catchThrowableOfType(RunnerException.class, () -> client.submit(new JsonMapper().createObjectNode()));
        assertThat(refused.fault().retryable()).isFalse();
        assertThat(refused).hasMessageEndingWith("says: status 422");
    }

    @Test
    void pagesAreReadUntilThereAreEnough() throws Exception {
        answers.add(says(200, "{\"jobs\":[" + JOB + "," + JOB + "],\"next\":\"7\"}"));
        answers.add(says(200, "{\"jobs\":[" + JOB + "]}"));
        assertThat(client.jobs(Optional.of("ended"), Optional.empty(), 5)).hasSize(3);
        assertThat(requests)
                .containsExactly("GET /v1/jobs?limit=5&state=ended", "GET /v1/jobs?limit=3&state=ended&before=7");
    }

    @Test
    void whatIsNoAgentIsSaidToBeNone() {
        answers.add(says(200, "{\"id\":\"../x\"}"));
        var thrown = catchThrowableOfType(RunnerException.class, () -> client.job(ID));
        assertThat(thrown.fault()).isEqualTo(Fault.REFUSED);
        server.stop(0);
        thrown = catchThrowableOfType(RunnerException.class, () -> client.version(Duration.ofSeconds(5)));
        assertThat(thrown.fault()).isEqualTo(Fault.AGENT);
        assertThat(thrown).hasMessageEndingWith(" cannot be reached: nothing answers there, or the name is unknown");
    }

    @Test
    void aTokenGoesToThisHostOrOverTls() throws Exception {
        for (String good :
                List.of("http://localhost:1", "http://127.0.0.1:8750/", "http://[::1]:1", "https://a.example")) {
            assertThat(AgentAddress.parse(good, "t", Optional.empty()).toString())
                    .isNotEmpty();
        }
        for (String bad : List.of(
                "http://a.example",
                "http://127.0.0.1.evil.example",
                "ftp://localhost",
                "localhost:1",
                "https://u:CANARY@h",
                "https://%",
                "")) {
            var thrown =
                    catchThrowableOfType(RunnerException.class, () -> AgentAddress.parse(bad, "t", Optional.empty()));
            assertThat(thrown).describedAs(bad).isNotNull();
            assertThat(thrown.fault()).isEqualTo(Fault.USAGE);
            assertThat(thrown).hasMessageNotContaining("CANARY");
        }
    }
}
