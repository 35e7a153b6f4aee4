package dev.thaw.runner.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the guest's Docker daemon, each on a connection of its own. HTTP/1.0, so that an answer is its head and
 * then bytes up to the end. Every wait ends at the deadline, and at an interrupt.
 */
final class DockerEngine {
    // Docker 25 and newer have it; Docker 29 has none that is older.
    private static final String VERSION = "/v1.44";
    private static final JsonMapper JSON = new JsonMapper();

    private final DockerConnection.Source connections;

    DockerEngine(DockerConnection.Source connections) {
        this.connections = connections;
    }

    /** What is done with a connection, on a thread of its own. */
    interface Conversation<T> {
        T hold(DockerConnection connection) throws IOException, RunnerException, InterruptedException;
    }

    /** What is done with an answer. */
    interface Reading<T> {
        T of(DockerAnswer answer) throws IOException, RunnerException;
    }

    <T> T get(String path, Deadline deadline, Reading<T> reading) throws RunnerException, InterruptedException {
        return converse(deadline, connection -> reading.of(ask(connection, "GET", path, null)));
    }

    <T> T post(String path, @Nullable JsonNode body, Deadline deadline, Reading<T> reading)
            throws RunnerException, InterruptedException {
        return converse(deadline, connection -> reading.of(ask(connection, "POST", path, body)));
    }

    /** Sends a request and reads the head of its answer. */
    static DockerAnswer ask(DockerConnection connection, String method, String path, @Nullable JsonNode body)
            throws IOException {
        byte[] content = body == null ? new byte[0] : JSON.writeValueAsBytes(body);
        String head = method + " " + VERSION + path + " HTTP/1.0\r\nHost: docker\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n\r\n";
        connection.output().write(head.getBytes(StandardCharsets.US_ASCII));
        connection.output().write(content);
        return DockerAnswer.read(connection.input());
    }

    /** Holds a conversation and closes its connection, at the deadline at the latest. */
    <T> T converse(Deadline deadline, Conversation<T> conversation) throws RunnerException, InterruptedException {
        try (DockerConnection connection = connections.connect(deadline)) {
            var result = new CompletableFuture<T>();
            var thread = new Thread(() -> hold(conversation, connection, result), "docker");
            thread.setDaemon(true);
            thread.start();
            return result.get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        } catch (ConnectException e) {
            throw new RunnerException(
                    Fault.CONTAINER,
                    "no Docker daemon answers in the guest; steps in an image need a template that has one",
                    e);
        } catch (TimeoutException e) {
            throw new RunnerException(Fault.DEADLINE, "the guest's Docker daemon did not answer in time", e);
        } catch (ExecutionException e) {
            throw fault(e.getCause());
        }
    }

    private static <T> void hold(
            Conversation<T> conversation, DockerConnection connection, CompletableFuture<T> result) {
        try {
            result.complete(conversation.hold(connection));
        } catch (IOException | RunnerException | InterruptedException | RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    private static RunnerException fault(@Nullable Throwable why) {
        if (why instanceof RunnerException fault) {
            return new RunnerException(fault.fault(), String.valueOf(fault.getMessage()), fault);
        }
        if (why instanceof IOException broken) {
            return new RunnerException(
                    Fault.GUEST_LOST,
                    "the conversation with the guest's Docker daemon broke off: " + broken.getMessage(),
                    broken);
        }
        throw new IllegalStateException("talking to the guest's Docker daemon", why);
    }
}
