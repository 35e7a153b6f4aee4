package dev.thaw.runner.it;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.client.AttachedInput;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobEventText;
import dev.thaw.runner.job.JobId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One job from its submission to its end, of a client that lives longer than its agents. */
final class AgentLoadClient {
    private static final JsonMapper JSON = new JsonMapper();

    private final AgentLoad load;
    private final String key;
    private final Order order;
    /** All that was heard of the job, each event with where the story goes on behind it. */
    final List<String> heard = new ArrayList<>();

    private String id = "";
    private long next;
    private @Nullable AttachedInput input;

    /**
     * What is asked for.
     *
     * @param step to be sent to the job's guest, if that is held
     * @param typed to be typed to the job's step, if that reads
     */
    record Order(
            ObjectNode body,
            AgentInvariants.Asked asked,
            @Nullable String step,
            @Nullable String typed) {}

    AgentLoadClient(AgentLoad load, String key, Order order) {
        this.load = load;
        this.key = key;
        this.order = order;
    }

    AgentInvariants.Asked asked() {
        return order.asked();
    }

    /** Something to ask of an agent. */
    private interface Request<T> {
        T of(RealAgent agent) throws Exception;
    }

    /** Until an agent lives long enough to answer. */
    private <T> T persist(Request<T> request) throws Exception {
        while (true) {
            RealAgent agent = load.agent();
            try {
                return request.of(agent);
            } catch (IOException e) {
                load.lost(agent, e);
            }
        }
    }

    void run() throws Exception {
        load.unanswered.incrementAndGet();
        persist(agent -> {
            id = submitted(agent, 201);
            load.jobs.put(id, this);
            return id;
        });
        load.unanswered.decrementAndGet();
        if (order.body().path("workspace").asText().equals("archive")) {
            persist(this::upload);
        }
        try {
            persist(this::follow);
        } finally {
            if (input != null) {
                input.close();
            }
        }
        load.over.put(
                id,
                persist(agent -> agent.send("GET", "/v1/jobs/" + id, Optional.empty()))
                        .body());
    }

    /** Submits the job, again; its id. */
    String submitted(RealAgent agent, int status) throws Exception {
        HttpResponse<String> answer = agent.send("POST", "/v1/jobs", Optional.of(order.body()), "Idempotency-Key", key);
        if (answer.statusCode() != 200 && answer.statusCode() != status) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body()).path("job").path("id").asText();
    }

    private int upload(RealAgent agent) throws Exception {
        int status = agent.send(id, load.workspace());
        // 409: it has come, and the answer to that was lost.
        if (status != 204 && status != 409) {
            throw new AssertionError("upload: " + status);
        }
        return status;
    }

    private boolean follow(RealAgent agent) throws Exception {
        HttpResponse<InputStream> response = agent.events(id, next);
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            long behind = next;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    behind = Long.parseLong(line.substring(4));
                } else if (line.startsWith("data: ")) {
                    heard.add(behind + " " + line.substring(6));
                    next = behind;
                    JobEvent event = JobEventText.parse(line.substring(6)).orElseThrow();
                    if (event instanceof JobEvent.Ended) {
                        return true;
                    }
                    takePart(agent, event);
                }
            }
        }
        throw new IOException("the story ended before the job did");
    }

    /** What the agent refuses because the job is over is in the story next. */
    private void takePart(RealAgent agent, JobEvent event) throws Exception {
        if (order.step() != null
                && event instanceof JobEvent.Held
                && heard.stream().noneMatch(this::isStep)) {
            ObjectNode step = JSON.createObjectNode().put("run", order.step());
            agent.send("POST", "/v1/jobs/" + id + "/steps", Optional.of(step));
        } else if (order.step() != null && event instanceof JobEvent.StepEnded) {
            agent.send("POST", "/v1/jobs/" + id + "/release", Optional.empty());
        } else if (order.typed() != null && event instanceof JobEvent.Log && input == null) {
            try {
                AttachedInput attached = agent.attach(new JobId(id));
                input = attached;
                byte[] text = order.typed().getBytes(StandardCharsets.UTF_8);
                attached.type(text, 0, text.length);
                attached.end();
            } catch (RunnerException e) {
                System.out.println("agent kills: not attached: " + e.getMessage());
            }
        }
    }

    private boolean isStep(String event) {
        return event.contains("\"type\":\"step\"");
    }
}
