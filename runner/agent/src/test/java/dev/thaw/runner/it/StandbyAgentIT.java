package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.runner.os.JobDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that keeps guests on standby: for its jobs, and through its death. */
class StandbyAgentIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String BUDGET = "budget: {cpus: 4, memory: 4GiB}\ndrain: 1s\n";
    private static final String TWO = BUDGET + "standby: {guests: [{template: docker, count: 2}]}\n";
    private static final String RANDOM =
            "cat /proc/sys/kernel/random/uuid /proc/sys/kernel/random/boot_id /etc/machine-id; hostname";

    @TempDir
    Path work = Path.of("");

    @BeforeEach
    void beginAnew() throws Exception {
        JobDirectory.deleteTree(RealAgent.DIRECTORY);
        // Of a template that is not there no guest would wait.
        Host.template();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
        JobDirectory.deleteTree(RealAgent.DIRECTORY);
    }

    private static void awaitWaiting(RealAgent agent, int guests) throws Exception {
        Runner.await(guests + " guests that wait", LIMIT, () -> agent.waiting() == guests);
    }

    private static JsonNode timings(RealAgent agent, String id) throws Exception {
        return agent.job(id).path("ending").path("timings");
    }

    @Test
    void eachJobGetsAGuestThatWaitedAndThatNobodyElseHadOrGets() throws Exception {
        var seen = new HashSet<String>();
        try (var agent = new RealAgent(work, TWO)) {
            for (int i = 0; i < 4; i++) {
                awaitWaiting(agent, 2);
                String id = agent.submit(
                        RealAgent.order(RANDOM + "; ls -A /workspace; touch /workspace/mine; ls -A /workspace"));
                List<String> lines = agent.story(id).output().lines().toList();
                // The workspace was empty; what the job itself left in it was seen.
                assertThat(lines).hasSize(5).last().isEqualTo("mine");
                assertThat(lines.get(3)).isEqualTo("thaw-" + id);
                seen.addAll(lines.subList(0, 4));
                assertThat(timings(agent, id).path("identity").isNumber()).isTrue();
                assertThat(timings(agent, id).has("overlay")).isFalse();
            }
            assertThat(seen).hasSize(4 * 4);
            assertThat(agent.metrics())
                    .contains("thaw_standby_hits_total 4.0")
                    .contains("thaw_standby_misses_total 0.0");
            assertThat(agent.terminate()).isZero();
        }
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    /** The control: without any that wait, guests are restored for their jobs. */
    @Test
    void withoutStandbyAJobsGuestIsRestoredForIt() throws Exception {
        try (var agent = new RealAgent(work, BUDGET)) {
            String id = agent.submit(RealAgent.order("echo done"));

            assertThat(agent.story(id).output()).isEqualTo("done\n");
            assertThat(timings(agent, id).path("overlay").isNumber()).isTrue();
            assertThat(agent.metrics()).contains("thaw_standby_misses_total 1.0");
        }
    }

    @Test
    void jobsHaveTheBudgetAndTheGuestsThatWaitWhatTheyLeave() throws Exception {
        try (var agent = new RealAgent(work, TWO)) {
            awaitWaiting(agent, 2);
            var running = new ArrayList<String>();
            for (int left = 1; left >= 0; left--) {
                String id = agent.submit(RealAgent.order("echo up; sleep 600"));
                running.add(id);
                agent.follow(id, new RealAgent.Story(), "up\n");
                awaitWaiting(agent, left);
                assertThat(Runner.vmms(Runner.HOME)).hasSize(2);
            }
            for (String id : running) {
                agent.json("POST", "/v1/jobs/" + id + "/cancel", Optional.empty(), 202);
            }
            awaitWaiting(agent, 2);
            assertThat(agent.metrics()).contains("thaw_standby_hits_total 2.0");
        }
    }

    @Test
    void aGuestThatIsKilledWhileItWaitsIsReplaced() throws Exception {
        try (var agent = new RealAgent(work, TWO)) {
            awaitWaiting(agent, 2);
            List<ProcessHandle> before = Runner.vmms(Runner.HOME);
            ProcessHandle victim = before.get(0);
            assertThat(victim.destroyForcibly()).isTrue();

            Runner.await("another in its place", LIMIT, () -> {
                List<ProcessHandle> now = Runner.vmms(Runner.HOME);
                return agent.waiting() == 2 && now.size() == 2 && !now.contains(victim);
            });
            assertThat(agent.story(agent.submit(RealAgent.order("echo done"))).output())
                    .isEqualTo("done\n");
            assertThat(agent.metrics()).contains("thaw_standby_hits_total 1.0");
        }
    }

    @Test
    void ofAKilledAgentsGuestsThatWaitedNothingIsLeftAfterTheNextStart() throws Exception {
        try (var agent = new RealAgent(work, TWO)) {
            awaitWaiting(agent, 2);
            agent.kill();
        }
        Runner.await(
                "the dead agent's guests are gone",
                Duration.ofSeconds(20),
                () -> Runner.vmms(Runner.HOME).isEmpty());
        // The control: there is something to remove.
        assertThat(Runner.traces(Runner.HOME)).hasSize(2).allMatch(trace -> trace.startsWith("directory standby-"));
        try (var agent = new RealAgent(work, BUDGET)) {
            assertThat(agent.waiting()).isZero();
            assertThat(Runner.traces(Runner.HOME)).isEmpty();
        }
    }
}
