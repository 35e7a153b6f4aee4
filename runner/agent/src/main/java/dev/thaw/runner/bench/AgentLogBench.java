package dev.thaw.runner.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.AgentJob;
import dev.thaw.runner.client.AgentReceipt;
import dev.thaw.runner.client.JobStory;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.job.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What those who follow a job with much output cost its agent, and the job. */
public final class AgentLogBench {
    private static final String LINE =
            "[INFO] a line of a build's log, as long as most of them are, with the name of a file: src/main/A.java";
    private static final long POLL_MILLIS = 100;
    private static final int BLOCK = 64 << 10;

    /** One for all followers, and there before the job: what it takes to make one is not the agent's doing. */
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String template;
    private final long bytes;

    /** Of jobs that print so many bytes. */
    public AgentLogBench(String template, long bytes) {
        this.template = template;
        this.bytes = bytes;
    }

    /**
     * What was measured.
     *
     * @param bytes of output of each job
     * @param heap by how much what is in use after a collection grew at most while one follower listened, MiB
     * @param resident by how much the process grew at most meanwhile, MiB; garbage that is not collected yet counts
     * @param followers that some jobs had
     * @param alone seconds of each such job without a follower, from its first command to its end
     * @param followed the same with them
     */
    public record Report(
            String accelerator,
            long bytes,
            double heap,
            double resident,
            int followers,
            List<Double> alone,
            List<Double> followed) {
        public Report {
            alone = List.copyOf(alone);
            followed = List.copyOf(followed);
        }

        /** Median. */
        public double aloneSeconds() {
            return Quantiles.of(alone).p50();
        }

        /** Median. */
        public double followedSeconds() {
            return Quantiles.of(followed).p50();
        }

        /** With followers over without any. */
        public double ratio() {
            return followedSeconds() / aloneSeconds();
        }
    }

    /** What one follower cost, MiB. */
    public record Cost(double heap, double resident) {}

    /** What one follower costs, who hears all of it. */
    public Cost oneFollower(AgentClient client) throws RunnerException, InterruptedException {
        // All classes loaded, all buffers there.
        listen(client, new AgentLogBench(template, bytes / 16).submitted(client), bytes / 16, false);
        AgentReceipt receipt = submitted(client);
        OwnMemory before = OwnMemory.now();
        OwnMemory.forgetPeak();
        double heap = listen(client, receipt, bytes, true);
        return new Cost(Math.max(0, heap - before.heap()), Math.max(0, OwnMemory.peak() - before.resident()));
    }

    /** Reads the story; the most heap that was in use. */
    private static double listen(AgentClient client, AgentReceipt receipt, long wanted, boolean measure)
            throws RunnerException, InterruptedException {
        double most = 0;
        long heard = 0;
        long next = wanted / 8;
        try (JobStory story = client.follow(receipt.job().id(), receipt.jobToken(), 0)) {
            for (Optional<JobEvent> event = story.next(); event.isPresent(); event = story.next()) {
                heard += event.get() instanceof JobEvent.Log log ? log.data().remaining() : 0;
                if (measure && heard >= next) {
                    next += wanted / 8;
                    most = Math.max(most, OwnMemory.heapInUse());
                }
            }
        }
        if (heard != wanted) {
            throw new RunnerException(Fault.HOST, "a follower heard " + heard + " bytes of " + wanted);
        }
        return most;
    }

    /** From the first command to its end, seconds, with so many followers, each of whom hears all of it. */
    public double seconds(AgentClient client, int followers) throws RunnerException, InterruptedException {
        AgentReceipt receipt = submitted(client);
        var heard = new ArrayList<CompletableFuture<Long>>();
        for (int i = 0; i < followers; i++) {
            var one = new CompletableFuture<Long>();
            var thread =
                    new Thread(() -> one.completeAsync(() -> hear(client, receipt), Runnable::run), "follower-" + i);
            thread.setDaemon(true);
            thread.start();
            heard.add(one);
        }
        JobEnding ending = ending(client, receipt);
        if (ending.exitCode() != 0) {
            throw new RunnerException(Fault.HOST, "a job that prints " + bytes + " bytes ended with " + ending);
        }
        requireAll(heard);
        return (at(ending, Phase.EXITED) - at(ending, Phase.FIRST_EXEC)) / 1000;
    }

    private void requireAll(List<CompletableFuture<Long>> heard) throws RunnerException {
        try {
            for (CompletableFuture<Long> one : heard) {
                // In base64, and more around it.
                if (one.join() < bytes / 3 * 4) {
                    throw new RunnerException(Fault.HOST, "a follower heard no more than " + one.join() + " bytes");
                }
            }
        } catch (CompletionException e) {
            throw new RunnerException(Fault.HOST, "a follower heard nothing: " + e.getCause(), e);
        }
    }

    private static double at(JobEnding ending, Phase phase) throws RunnerException {
        return ending.timings()
                .at(phase)
                .orElseThrow(() -> new RunnerException(Fault.HOST, "a job without " + phase.key() + ": " + ending));
    }

    /** Without looking at what comes: this host pays for its followers, too. */
    private long hear(AgentClient client, AgentReceipt receipt) {
        URI uri = client.address().uri().resolve("v1/jobs/" + receipt.job().id() + "/events");
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + receipt.jobToken())
                .build();
        try (InputStream events =
                http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
            byte[] block = new byte[BLOCK];
            long sum = 0;
            for (int read = events.read(block); read >= 0; read = events.read(block)) {
                sum += read;
            }
            return sum;
        } catch (IOException | InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    /** Asks now and then: who followed would be a follower. */
    private static JobEnding ending(AgentClient client, AgentReceipt receipt)
            throws RunnerException, InterruptedException {
        while (true) {
            AgentJob job = client.job(receipt.job().id());
            if (job.state() == JobState.ENDED && job.ending().isPresent()) {
                return job.ending().get();
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private AgentReceipt submitted(AgentClient client) throws RunnerException, InterruptedException {
        ObjectNode order = new JsonMapper().createObjectNode();
        ArrayNode command = order.putObject("spec")
                .put("template", template)
                .putArray("steps")
                .addObject()
                .putArray("command");
        command.add("sh").add("-c").add("yes \"$0\" | head -c " + bytes).add(LINE);
        return client.submit(order);
    }
}
