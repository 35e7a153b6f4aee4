package dev.thaw.runner.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * One agent, as its clients have it. Every method throws {@link RunnerException}: {@code AGENT} if the agent cannot be
 * reached or has no room now, {@code REFUSED} if it does not do what it is asked. For any thread.
 */
public final class AgentClient {
    /** An answer that is no stream. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final int TRIES = 4;
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final AgentHttp http;

    /** Of the agent at an address; asks it nothing yet. */
    public AgentClient(AgentAddress address) throws RunnerException {
        http = new AgentHttp(address);
    }

    /** Where the agent is. */
    public AgentAddress address() {
        return http.address();
    }

    /** Which version of the runner the agent is of; the quickest way to find out whether it is there. */
    public String version(Duration limit) throws RunnerException, InterruptedException {
        return json(get("v1/version").timeout(limit).build()).path("version").asText();
    }

    /**
     * Submits a job, once, even if the connection breaks in the middle: the key under which it is tried again is the
     * same.
     *
     * @param order as docs/agent-api.yaml has it
     */
    public AgentReceipt submit(ObjectNode order) throws RunnerException, InterruptedException {
        HttpRequest request = http.request("v1/jobs", http.address().token())
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(BodyPublishers.ofString(order.toString()))
                .build();
        for (int attempt = 1; ; attempt++) {
            try {
                JsonNode receipt = http.json(request);
                return new AgentReceipt(
                        parsed(receipt.path("job")), receipt.path("job_token").asText());
            } catch (IOException e) {
                if (attempt == TRIES) {
                    throw http.unreachable(e);
                }
                TimeUnit.NANOSECONDS.sleep(PAUSE.multipliedBy(attempt).toNanos());
            }
        }
    }

    /** Sends a job's workspace, a tar archive, as it is being packed. */
    public void upload(AgentReceipt receipt, InputStream archive) throws RunnerException, InterruptedException {
        HttpRequest request = http.request("v1/jobs/" + receipt.job().id() + "/workspace", receipt.jobToken())
                .header("Content-Type", "application/x-tar")
                .PUT(BodyPublishers.ofInputStream(() -> archive))
                .build();
        try {
            http.send(request).close();
        } catch (IOException e) {
            throw http.unreachable(e);
        }
    }

    /** What happens to a job, from an offset of its story on. */
    public JobStory follow(JobId id, String token, long offset) {
        return new JobStory(http, id, token, offset, true);
    }

    /** What has happened to a job up to now. */
    public JobStory story(JobId id, String token) {
        return new JobStory(http, id, token, 0, false);
    }

    /** One job. */
    public AgentJob job(JobId id) throws RunnerException, InterruptedException {
        return parsed(json(get("v1/jobs/" + id).timeout(LIMIT).build()));
    }

    /** The newest jobs, newest first; {@code state} and {@code outcome} as the API has them. */
    public List<AgentJob> jobs(Optional<String> state, Optional<String> outcome, int most)
            throws RunnerException, InterruptedException {
        var jobs = new ArrayList<AgentJob>();
        String before = "";
        while (jobs.size() < most) {
            JsonNode page = json(get("v1/jobs?limit=" + Math.min(most - jobs.size(), 200)
                            + state.map(word -> "&state=" + word).orElse("")
                            + outcome.map(word -> "&outcome=" + word).orElse("")
                            + before)
                    .timeout(LIMIT)
                    .build());
            for (JsonNode job : page.path("jobs")) {
                jobs.add(parsed(job));
            }
            if (!page.has("next")) {
                return jobs;
            }
            before = "&before=" + page.path("next").asText();
        }
        return jobs;
    }

    /**
     * A step that an agent has taken.
     *
     * @param offset of the job's story; all of the step's comes behind it
     */
    public record StepReceipt(int step, long offset) {}

    /** Has the held guest of a job run one more step; {@code order} as docs/agent-api.yaml has it. */
    public StepReceipt step(JobId id, String token, ObjectNode order) throws RunnerException, InterruptedException {
        JsonNode receipt = json(http.request("v1/jobs/" + id + "/steps", token)
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(order.toString()))
                .build());
        return new StepReceipt(
                receipt.path("step").asInt(), receipt.path("offset").asLong());
    }

    /** Holds a job's guest no longer. */
    public void release(JobId id, String token) throws RunnerException, InterruptedException {
        json(http.request("v1/jobs/" + id + "/release", token)
                .timeout(LIMIT)
                .POST(BodyPublishers.noBody())
                .build());
    }

    /** Takes part in the step of a job that runs, or is the next to. */
    public AttachedInput attach(JobId id, String token) throws RunnerException, InterruptedException {
        return http.attach("v1/jobs/" + id + "/attach", token);
    }

    /** Ends a job as soon as that can be. */
    public AgentJob cancel(JobId id, String token) throws RunnerException, InterruptedException {
        return parsed(json(http.request("v1/jobs/" + id + "/cancel", token)
                .timeout(LIMIT)
                .POST(BodyPublishers.noBody())
                .build()));
    }

    /** The artifacts of a job that is over, as a tar archive. */
    public InputStream artifacts(JobId id, String token) throws RunnerException, InterruptedException {
        try {
            return http.send(http.request("v1/jobs/" + id + "/artifacts", token).build());
        } catch (IOException e) {
            throw http.unreachable(e);
        }
    }

    private HttpRequest.Builder get(String path) {
        return http.request(path, http.address().token());
    }

    private JsonNode json(HttpRequest request) throws RunnerException, InterruptedException {
        try {
            return http.json(request);
        } catch (IOException e) {
            throw http.unreachable(e);
        }
    }

    private AgentJob parsed(JsonNode job) throws RunnerException {
        try {
            return AgentJob.parse(job);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new RunnerException(
                    Fault.REFUSED, "what answers at " + http.address() + " is no agent: " + e.getMessage(), e);
        }
    }
}
