package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.job.FaultReport;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonTest {
    private final Path directory;
    private AgentUnderTest agent;

    DaemonTest(@TempDir Path directory) throws Exception {
        this.directory = directory.resolve("agent");
        agent = new AgentUnderTest(this.directory);
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private static ObjectNode order(String script) {
        return AgentUnderTest.order(script);
    }

    private void restart() throws Exception {
        agent.close();
        agent = new AgentUnderTest(directory);
    }

    @Test
    void aJobIsTakenRunAndRemembered() throws Exception {
        String id = agent.submit(order("say hello\nexit 3"));

        assertThat(agent.output(id)).isEqualTo("hello\n");
        JsonNode job = agent.job(id);
        assertThat(job.path("state").asText()).isEqualTo("ended");
        assertThat(job.path("ending").path("outcome").asText()).isEqualTo("finished");
        assertThat(job.path("ending").path("exit_code").asInt()).isEqualTo(3);
        assertThat(job.path("ending").path("timings").path("identity").isNumber())
                .isTrue();
        restart();
        assertThat(agent.job(id)).isEqualTo(job);
        assertThat(agent.output(id)).isEqualTo("hello\n");
    }

    @Test
    void theStoryHasAllStatesInTheirOrder() throws Exception {
        String id = agent.submit(order("say hello").put("workspace", "archive"));
        agent.upload(agent.admin, id, "content");

        assertThat(agent.follow(agent.admin, id, 0))
                .filteredOn(heard -> heard.event() instanceof JobEvent.Moved)
                .extracting(heard -> ((JobEvent.Moved) heard.event()).state())
                .containsExactly(JobState.UPLOADING, JobState.QUEUED, JobState.RUNNING);
    }

    @Test
    void aWorkspaceComesToTheJobAsItWasSentAndIsGoneWithItsEnd() throws Exception {
        String id = agent.submit(order("cat").put("workspace", "archive"));
        String archive = "some bytes \0 of an archive".repeat(300);

        assertThat(agent.upload(agent.admin, id, archive).statusCode()).isEqualTo(204);

        assertThat(agent.output(id)).isEqualTo(archive);
        assertThat(directory.resolve("jobs").resolve(id).resolve("workspace.tar"))
                .doesNotExist();
    }

    @Test
    void aFollowerThatWasCutOffGetsTheRestFromEveryOffset() throws Exception {
        String id = agent.submit(order("say one\nsay two\nsay three"));
        List<AgentUnderTest.Heard> all = agent.follow(agent.admin, id, 0);

        assertThat(all).hasSizeGreaterThan(5);
        for (int i = 0; i < all.size(); i++) {
            assertThat(agent.follow(agent.admin, id, all.get(i).next())).isEqualTo(all.subList(i + 1, all.size()));
        }
    }

    @Test
    void aFollowerHearsOfWhatHappensWhileItDoes() throws Exception {
        String id = agent.submit(order("say before\nwait gate\nsay after"));
        agent.await(id, "running");
        var followed = CompletableFuture.supplyAsync(() -> {
            try {
                return agent.output(id);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        agent.body.open("gate");

        assertThat(followed.get(30, TimeUnit.SECONDS)).isEqualTo("before\nafter\n");
    }

    @Test
    void noMoreJobsRunThanFitAndTheOthersWait() throws Exception {
        var ids = new ArrayList<String>();
        for (int i = 0; i < 4; i++) {
            ids.add(agent.submit(order("wait gate")));
        }
        agent.await(ids.get(0), "running");
        agent.await(ids.get(1), "running");
        JsonNode host = AgentUnderTest.json(agent.get(agent.admin, "/v1/host"));

        assertThat(host.path("running").asInt()).isEqualTo(2);
        assertThat(host.path("waiting").asInt()).isEqualTo(2);
        assertThat(host.path("used").path("cpus").asInt()).isEqualTo(2);
        assertThat(agent.job(ids.get(2)).path("state").asText()).isEqualTo("queued");
        agent.body.open("gate");
        for (String id : ids) {
            assertThat(agent.ended(id).ending().exitCode()).isZero();
        }
        assertThat(agent.body.ran).containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    void aJobWhoseStoryCannotBeWrittenIsRefusedAndNeitherWaitsNorRuns() throws Exception {
        // A file where the jobs' directory is to be: this fails for root, too.
        Path jobs = directory.resolve("jobs");
        Files.deleteIfExists(jobs);
        Files.createFile(jobs);
        var refused = agent.post(agent.admin, "/v1/jobs", order("say never"), "Idempotency-Key", "once");
        assertThat(refused.statusCode()).isEqualTo(500);

        Files.delete(jobs);
        // The control: it is the file that was in the way.
        assertThat(agent.output(agent.submit(order("say now")))).isEqualTo("now\n");
        JsonNode again =
                AgentUnderTest.json(agent.post(agent.admin, "/v1/jobs", order("say never"), "Idempotency-Key", "once"));
        assertThat(again.path("job").path("ending").path("outcome").asText()).isEqualTo("fault");
        restart();
        assertThat(agent.body.ran).isEmpty();
        assertThat(agent.job(again.path("job").path("id").asText())
                        .path("state")
                        .asText())
                .isEqualTo("ended");
    }

    @Test
    void manyJobsAtOnceAllEndAndNoneTwice() throws Exception {
        try (var many = new AgentUnderTest(directory.resolveSibling("many"), 500, (method, path, response) -> {})) {
            var ids = new ArrayList<String>();
            for (int i = 0; i < 200; i++) {
                ids.add(many.submit(order("say " + i)));
            }
            for (int i = 0; i < ids.size(); i++) {
                assertThat(many.output(ids.get(i))).isEqualTo(i + "\n");
            }
            assertThat(many.body.ran).hasSize(200).doesNotHaveDuplicates();
        }
    }

    @Test
    void aJobThatWaitsIsCancelledWithoutEverRunning() throws Exception {
        agent.submit(order("wait gate"));
        agent.submit(order("wait gate"));
        String third = agent.submit(order("say never"));

        assertThat(agent.post(agent.admin, "/v1/jobs/" + third + "/cancel", AgentUnderTest.JSON.nullNode())
                        .statusCode())
                .isEqualTo(202);
        assertThat(agent.ended(third).ending().outcome()).isEqualTo("cancelled");
        agent.body.open("gate");
        assertThat(agent.body.ran).doesNotContain(third);
    }

    @Test
    void aJobThatRunsIsCancelledAndTheNextOneTakesItsPlace() throws Exception {
        String first = agent.submit(order("say up\nwait never"));
        agent.await(first, "running");
        agent.send(agent.admin, "POST", "/v1/jobs/" + first + "/cancel", Optional.empty());

        assertThat(agent.ended(first).ending().outcome()).isEqualTo("cancelled");
        assertThat(agent.ended(first).ending().exitCode()).isEqualTo(130);
        String next = agent.submit(order("say next").deepCopy());
        assertThat(agent.output(next)).isEqualTo("next\n");
    }

    @Test
    void aJobThatIsOverStaysAsItWasWhenItIsCancelled() throws Exception {
        String id = agent.submit(order("exit 7"));
        JobEvent.Ended ended = agent.ended(id);

        agent.send(agent.admin, "POST", "/v1/jobs/" + id + "/cancel", Optional.empty());

        assertThat(agent.ended(id)).isEqualTo(ended);
        assertThat(agent.job(id).path("ending").path("exit_code").asInt()).isEqualTo(7);
    }

    @Test
    void aRunnerThatFailsIsAFaultAndABugIsOneToo() throws Exception {
        assertThat(agent.ended(agent.submit(order("break"))).ending().fault())
                .contains(new FaultReport(Fault.GUEST_LOST, "the guest went away"));
        assertThat(agent.ended(agent.submit(order("bug"))).ending().fault())
                .contains(new FaultReport(Fault.HOST, "a bug of the agent's; its log has more"));
        assertThat(agent.output(agent.submit(order("say still here")))).isEqualTo("still here\n");
    }

    @Test
    void aJobThatDoesNotBeginInTimeNeverDoes() throws Exception {
        agent.submit(order("wait gate"));
        agent.submit(order("wait gate"));
        String late = agent.submit(order("say late").put("start_within", "1s"));
        String noWorkspace =
                agent.submit(order("say late").put("start_within", "1s").put("workspace", "archive"));

        assertThat(agent.ended(late).ending().fault().orElseThrow().fault()).isEqualTo(Fault.DEADLINE);
        assertThat(agent.ended(noWorkspace).ending().fault().orElseThrow().message())
                .contains("or its workspace did not come");
        agent.body.open("gate");
        assertThat(agent.body.ran).doesNotContain(late, noWorkspace);
    }

    @Test
    void outputIsKeptUpToTheLimitAndTheRestIsSaidToBeMissing() throws Exception {
        String id = agent.submit(order("flood 1000001\nsay more"));

        assertThat(agent.output(id)).hasSize(1_000_000);
        assertThat(agent.follow(agent.admin, id, 0))
                .filteredOn(heard -> heard.event() instanceof JobEvent.Truncated)
                .hasSize(1);
    }

    @Test
    void anAgentThatIsToldToEndLetsThoseWaitThatWaitAndTheNextOneRunsThem() throws Exception {
        String first = agent.submit(order("wait never"));
        String second = agent.submit(order("wait never"));
        String third = agent.submit(order("say third"));
        agent.await(first, "running");
        agent.await(second, "running");
        restart();

        assertThat(agent.ended(first).ending().outcome()).isEqualTo("interrupted");
        assertThat(agent.ended(first).ending().fault().orElseThrow().fault().retryable())
                .isTrue();
        assertThat(agent.output(third)).isEqualTo("third\n");
        assertThat(agent.body.ran).containsExactly(third);
    }

    @Test
    void aJobThatMayBeRunOnceMoreIsOnceAndNotTwice() throws Exception {
        String id = agent.submit(order("say up\nwait never").put("rerun", true));
        agent.await(id, "running");
        restart();
        agent.await(id, "running");
        assertThat(agent.job(id).path("attempts").asInt()).isEqualTo(2);
        restart();

        assertThat(agent.job(id).path("ending").path("outcome").asText()).isEqualTo("interrupted");
        assertThat(agent.output(id)).isEqualTo("up\nup\n");
    }

    @Test
    void aHomeHasOneAgent() {
        assertThatThrownBy(() -> new AgentUnderTest(directory))
                .hasMessage("another agent runs on " + directory + "; end it, or set RUNNER_HOME to another directory");
    }

    @Test
    void nobodyElseCanReadTheTokenAndItStaysTheSame() throws Exception {
        Path file = directory.resolve("token");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String before = agent.admin;
        restart();
        assertThat(agent.admin).isEqualTo(before);
    }

    @Test
    void whatAKilledAgentLeftHalfWrittenForOthersToFindItIsNotLeftForEver() throws Exception {
        Path half = directory.resolve(".address");
        Files.writeString(half, "http");
        restart();

        assertThat(half).doesNotExist();
        assertThat(Files.readString(directory.resolve("address"))).isEqualTo(agent.daemon.address() + "\n");
    }

    @Test
    void anAgentThatStopsIsNotReadyAndTakesNothing() throws Exception {
        agent.submit(order("wait gate"));
        var draining = CompletableFuture.runAsync(() -> {
            try {
                agent.daemon.drain();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (agent.get("", "/readyz").statusCode() != 503 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        var refused = agent.post(agent.admin, "/v1/jobs", order("say no"));

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(agent.get("", "/healthz").statusCode()).isEqualTo(200);
        draining.get(30, TimeUnit.SECONDS);
    }

    @Test
    void whatAnAgentCountsIsThereForPrometheus() throws Exception {
        agent.ended(agent.submit(order("say x")));
        agent.ended(agent.submit(order("break")));
        String metrics = agent.get(agent.admin, "/metrics").body();

        assertThat(metrics)
                .contains("thaw_jobs_submitted_total 2.0")
                .contains("thaw_jobs_ended_total{outcome=\"finished\"} 1.0")
                .contains("thaw_faults_total{kind=\"guest lost\"} 1.0")
                .contains("thaw_phase_seconds_bucket{phase=\"identity\"")
                .contains("thaw_jobs_running 0.0")
                .contains("thaw_standby_guests 0.0")
                .contains("thaw_standby_hits_total 3.0")
                .contains("thaw_standby_misses_total 4.0");
    }

    @Test
    void guestsWaitForJobsAsLongAsTheBudgetHasRoomForThemAndUntilTheAgentIsToldToEnd() throws Exception {
        agent.body.stock.publish("docker", "1");
        awaitPrepared("prepare docker1", "prepare docker1");
        agent.body.stock.publish("docker", "2");
        awaitPrepared(
                "prepare docker1",
                "prepare docker1",
                "drop docker1",
                "drop docker1",
                "prepare docker2",
                "prepare docker2");
        JsonNode standby = standby();
        assertThat(standby.path("template").asText()).isEqualTo("docker");
        assertThat(standby.path("guests").asInt()).isEqualTo(2);
        assertThat(standby.path("wanted").asInt()).isEqualTo(2);
        assertThat(agent.get(agent.admin, "/metrics").body()).contains("thaw_standby_guests 2.0");

        agent.daemon.drain();

        assertThat(agent.body.stock.events).endsWith("close");
        assertThat(agent.body.stock.waiting()).isEmpty();
    }

    private JsonNode standby() throws Exception {
        return AgentUnderTest.json(agent.get(agent.admin, "/v1/host"))
                .path("standby")
                .get(0);
    }

    private void awaitPrepared(String... events) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!agent.body.stock.events.equals(List.of(events))) {
            assertThat(System.nanoTime() - end)
                    .describedAs("%s", agent.body.stock.events)
                    .isNegative();
            Thread.onSpinWait();
        }
    }
}
