package dev.thaw.runner.vm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * QEMU's machine protocol: one command at a time, events as they come.
 *
 * @see <a href="https://www.qemu.org/docs/master/interop/qmp-spec.html">QEMU Machine Protocol Specification</a>
 */
final class Qmp implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    /** What {@link #diskError} says of a full disk. */
    static final String NO_SPACE = "no space left";

    private final SocketChannel channel;
    private final BlockingQueue<JsonNode> replies = new LinkedBlockingQueue<>();
    private final BlockingQueue<JsonNode> migration = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> diskError = new CompletableFuture<>();
    private final CompletableFuture<String> shutdown = new CompletableFuture<>();

    private Qmp(SocketChannel channel) {
        this.channel = channel;
    }

    /** Takes over a fresh connection and goes through the protocol's handshake. */
    static Qmp open(SocketChannel channel, Deadline deadline) throws RunnerException, InterruptedException {
        Qmp qmp = new Qmp(channel);
        Thread reader = new Thread(qmp::read, "qmp-reader");
        reader.setDaemon(true);
        reader.start();
        qmp.take(qmp.replies, "its greeting", deadline);
        qmp.run("qmp_capabilities", Map.of(), deadline);
        return qmp;
    }

    private void read() {
        // Not through Channels.newInputStream alone: its reads take the lock that its writes need, too.
        try (var lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode message = JSON.readTree(line);
                if (!message.has("event")) {
                    replies.add(message);
                } else {
                    happened(message.path("event").asText(), message.path("data"));
                }
            }
        } catch (IOException e) {
            // The VMM is gone: said by the messages that end both queues.
            replies.add(MissingNode.getInstance());
        } finally {
            replies.add(MissingNode.getInstance());
            migration.add(MissingNode.getInstance());
        }
    }

    private void happened(String event, JsonNode data) {
        if (event.equals("MIGRATION")) {
            migration.add(data.path("status"));
        } else if (event.equals("BLOCK_IO_ERROR")) {
            diskError.complete(
                    data.path("nospace").asBoolean()
                            ? NO_SPACE
                            : data.path("reason").asText("unknown"));
        } else if (event.equals("SHUTDOWN")) {
            shutdown.complete(data.path("reason").asText("unknown"));
        }
    }

    /** Completed with QEMU's word for why the machine ended, {@code guest-reset} for one, if it did so in order. */
    CompletableFuture<String> shutdown() {
        return shutdown;
    }

    /**
     * Completed with what the host's file system said, {@link #NO_SPACE} or else, when it first refuses what the guest
     * reads or writes. QEMU stops the machine on a full disk: nobody hears of it in another way.
     */
    CompletableFuture<String> diskError() {
        return diskError;
    }

    /**
     * Runs one command and returns what it answers.
     *
     * @throws RunnerException {@code RESTORE} if QEMU refuses it or goes away, {@code DEADLINE} if it does not answer
     */
    JsonNode run(String command, Map<String, ?> arguments, Deadline deadline)
            throws RunnerException, InterruptedException {
        ObjectNode message = JSON.createObjectNode().put("execute", command);
        if (!arguments.isEmpty()) {
            message.set("arguments", JSON.valueToTree(arguments));
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap((message + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new RunnerException(Fault.RESTORE, "QEMU went away before " + command, e);
        }
        JsonNode reply = take(replies, "an answer to " + command, deadline);
        if (reply.has("error")) {
            throw new RunnerException(
                    Fault.RESTORE,
                    "QEMU refuses " + command + ": "
                            + reply.path("error").path("desc").asText());
        }
        return reply.path("return");
    }

    /** Has QEMU tell about every change in a migration's state; must be asked for before one begins. */
    void enableMigration(Deadline deadline) throws RunnerException, InterruptedException {
        run(
                "migrate-set-capabilities",
                Map.of("capabilities", new Object[] {
                    Map.of("capability", "x-ignore-shared", "state", true),
                    Map.of("capability", "events", "state", true)
                }),
                deadline);
    }

    /** Waits for the end of a migration, in or out. */
    void awaitMigration(Deadline deadline) throws RunnerException, InterruptedException {
        while (true) {
            String status =
                    take(migration, "the end of the migration", deadline).asText();
            if (status.equals("completed")) {
                return;
            }
            if (status.equals("failed") || status.equals("cancelled")) {
                throw new RunnerException(Fault.RESTORE, "QEMU says that the migration has " + status);
            }
        }
    }

    private JsonNode take(BlockingQueue<JsonNode> queue, String what, Deadline deadline)
            throws RunnerException, InterruptedException {
        JsonNode message = queue.poll(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        if (message == null) {
            throw new RunnerException(Fault.DEADLINE, "QEMU did not give " + what + " in time");
        }
        if (message.isMissingNode()) {
            queue.add(message);
            throw new RunnerException(Fault.RESTORE, "QEMU went away before it gave " + what);
        }
        return message;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger(Qmp.class.getName()).log(System.Logger.Level.DEBUG, "closing QMP", e);
        }
    }
}
