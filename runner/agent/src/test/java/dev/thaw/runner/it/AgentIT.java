package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.workspace.WorkspacePacker;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent with real guests: over HTTP, and through its death. */
class AgentIT {
    private static final String ONE_AT_A_TIME = "budget: {cpus: 2, memory: 2GiB}\ndrain: 1s\n";

    @TempDir
    Path work = Path.of("");

    @BeforeEach
    void beginAnew() throws Exception {
        JobDirectory.deleteTree(RealAgent.DIRECTORY);
        // Or the first job builds it, and all limits are of another kind.
        Host.template();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
        JobDirectory.deleteTree(RealAgent.DIRECTORY);
    }

    @Test
    void aJobGoesInOverHttpAndItsOutputAndArtifactsComeBack() throws Exception {
        Path tree = Files.createDirectory(work.resolve("tree"));
        Files.writeString(tree.resolve("a.txt"), "from the workspace\n");
        var archive = new ByteArrayOutputStream();
        new WorkspacePacker().pack(tree, archive);
        ObjectNode order = RealAgent.order("cat a.txt; echo oops >&2; mkdir out; echo result > out/r.txt; exit 3");
        order.put("workspace", "archive");
        order.withObject("/spec").putArray("artifacts").add("out/**");
        try (var agent = new RealAgent(work, ONE_AT_A_TIME)) {
            String id = agent.submit(order);
            agent.upload(id, archive.toByteArray());
            RealAgent.Story story = agent.story(id);

            assertThat(story.output()).contains("from the workspace\n").contains("oops\n");
            assertThat(story.ended().ending().exitCode()).isEqualTo(3);
            assertThat(new String(agent.artifact(id, "out/r.txt"), StandardCharsets.UTF_8))
                    .isEqualTo("result\n");
            JsonNode ending = agent.job(id).path("ending");
            assertThat(ending.path("timings").path("first_exec").asDouble()).isPositive();
            assertThat(ending.path("timings").path("template_key").asText()).hasSize(64);
            assertThat(ending.path("artifacts").path("count").asInt()).isPositive();
            assertThat(ending.path("workspace_sha256").asText()).isEqualTo(new WorkspacePacker().digest(tree));
        }
    }

    @Test
    void aJobThatIsCancelledLeavesNoGuest() throws Exception {
        try (var agent = new RealAgent(work, ONE_AT_A_TIME)) {
            String id = agent.submit(RealAgent.order("echo up; sleep 600"));
            var story = new RealAgent.Story();
            agent.follow(id, story, "up\n");
            assertThat(Runner.vmms(Runner.HOME)).hasSize(1);
            agent.json("POST", "/v1/jobs/" + id + "/cancel", Optional.empty(), 202);

            agent.follow(id, story, "\0 never said");
            assertThat(story.ended().ending().outcome()).isEqualTo("cancelled");
            assertThat(Runner.traces(Runner.HOME)).isEmpty();
        }
    }

    @Test
    void whatAKilledAgentWasToldIsNotLostAndNothingOfItIsLeft() throws Exception {
        var story = new RealAgent.Story();
        var rerun = new RealAgent.Story();
        String finished;
        String running;
        String queued;
        JsonNode before;
        try (var agent = new RealAgent(work, ONE_AT_A_TIME)) {
            finished = agent.submit(RealAgent.order("echo done"));
            agent.story(finished);
            before = agent.job(finished);
            running = agent.submit(RealAgent.order("echo up; sleep 600"));
            agent.follow(running, story, "up\n");
            queued = agent.submit(RealAgent.order("echo queued ran"));
            agent.kill();
        }
        Runner.await(
                "the dead agent's guest is gone",
                Duration.ofSeconds(20),
                () -> Runner.vmms(Runner.HOME).isEmpty());
        String again;
        try (var agent = new RealAgent(work, ONE_AT_A_TIME)) {
            assertThat(agent.job(finished)).isEqualTo(before);
            int heard = story.events.size();
            agent.follow(running, story, "\0 never said");
            assertThat(story.events).hasSizeGreaterThan(heard);
            assertThat(story.ended().ending().outcome()).isEqualTo("interrupted");
            assertThat(story.ended().ending().fault().orElseThrow().fault().retryable())
                    .isTrue();
            assertThat(agent.story(queued).output()).isEqualTo("queued ran\n");
            assertThat(agent.job(queued).path("attempts").asInt()).isEqualTo(1);

            again = agent.submit(RealAgent.order("echo attempt; test -e /tmp/nothing || sleep 600")
                    .put("rerun", true));
            agent.follow(again, rerun, "attempt\n");
            agent.kill();
        }
        try (var agent = new RealAgent(work, ONE_AT_A_TIME)) {
            agent.follow(again, rerun, "attempt\nattempt\n");
            assertThat(agent.job(again).path("attempts").asInt()).isEqualTo(2);
            assertThat(agent.terminate()).isZero();
        }
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
        try (var agent = new RealAgent(work, ONE_AT_A_TIME)) {
            assertThat(agent.job(again).path("ending").path("outcome").asText()).isEqualTo("interrupted");
        }
    }

    @Test
    void jobsOfTwoKindsOfWorkShareTheHostWithinItsBudget() throws Exception {
        try (var agent = new RealAgent(work, "budget: {cpus: 4, memory: 4GiB}\n")) {
            var ids = new ArrayList<String>();
            for (int i = 0; i < 4; i++) {
                ids.add(agent.submit(RealAgent.order("echo " + i)));
            }
            int most = 0;
            List<String> left = new ArrayList<>(ids);
            while (!left.isEmpty()) {
                most = Math.max(most, Runner.vmms(Runner.HOME).size());
                left.removeIf(id -> state(agent, id).equals("ended"));
            }
            assertThat(most).isBetween(1, 2);
            for (int i = 0; i < 4; i++) {
                assertThat(agent.story(ids.get(i)).output()).isEqualTo(i + "\n");
            }
        }
    }

    private static String state(RealAgent agent, String id) {
        try {
            return agent.job(id).path("state").asText();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
