package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.client.AgentAddress;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.AttachedInput;
import dev.thaw.runner.client.JobStory;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.records.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Taking part in jobs: input, terminals, signals, and steps for guests that are held. */
@Timeout(60)
class AttachTest {
    private final Path directory;
    private final ApiDescription description = new ApiDescription();
    private AgentUnderTest agent;
    private AgentClient client;

    AttachTest(@TempDir Path directory) throws Exception {
        this.directory = directory.resolve("agent");
        agent = new AgentUnderTest(this.directory, 9, description);
        client = client(agent.admin);
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private AgentClient client(String token) throws Exception {
        return new AgentClient(AgentAddress.parse(agent.daemon.address().toString(), token, Optional.empty()));
    }

    private static ObjectNode reading(String script) {
        return AgentUnderTest.order(script).put("stdin", true);
    }

    private AttachedInput attached(JobId id) throws Exception {
        return client.attach(id, agent.admin);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void whatIsTypedIsWhatTheStepReadsWholeAndInOrder() throws Exception {
        var id = new JobId(agent.submit(reading("echo")));
        byte[] much = new byte[300_000];
        new Random(1).nextBytes(much);
        try (AttachedInput input = attached(id)) {
            input.type(bytes("begin "), 0, 6);
            input.type(much, 0, much.length);
            input.end();
            assertThat(agent.ended(id.value()).ending().exitCode()).isZero();
            input.over().get(30, TimeUnit.SECONDS);
        }
        String wanted = "begin " + new String(much, StandardCharsets.ISO_8859_1);
        var read = new StringBuilder();
        for (AgentUnderTest.Heard heard : agent.follow(agent.admin, id.value(), 0)) {
            if (heard.event() instanceof JobEvent.Log log) {
                read.append(new String(log.bytes(), StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(read.toString().equals(wanted)).isTrue();
    }

    @Test
    void aTerminalHasItsTypeAndEverySize() throws Exception {
        ObjectNode order = AgentUnderTest.order("size 0\nsize 65535");
        order.putObject("terminal").put("type", "vt220");
        var id = new JobId(agent.submit(order));
        try (AttachedInput input = attached(id)) {
            input.resize(65535, 1);
            assertThat(agent.output(id.value()))
                    .isEqualTo("vt220 TerminalSize[rows=0, columns=0]\nvt220 TerminalSize[rows=65535, columns=1]\n");
        }
    }

    @Test
    void aSignalReachesTheStepThatRuns() throws Exception {
        var id = new JobId(agent.submit(reading("signal")));
        try (AttachedInput input = attached(id);
                JobStory story = client.follow(id, agent.admin, 0)) {
            awaitOutput(story, "listening\n");
            input.signal(15);
            assertThat(agent.output(id.value())).isEqualTo("listening\nsignal 15\n");
        }
    }

    @Test
    void anInputThatBreaksOffDoesNotLookWhole() throws Exception {
        var id = new JobId(agent.submit(reading("echo\nsay whole")));
        try (AttachedInput input = attached(id)) {
            input.type(bytes("half"), 0, 4);
        }
        JobEvent.Ended ended = agent.ended(id.value());
        assertThat(ended.ending().fault().orElseThrow().message()).contains("went away");
        assertThat(agent.output(id.value())).isEmpty();
    }

    @Test
    void nonsenseEndsTheAttachmentAndOneAtATimeIsAttached() throws Exception {
        var id = new JobId(agent.submit(reading("wait gate\nsay done")));
        try (AttachedInput input = attached(id)) {
            assertThatThrownBy(() -> attached(id)).hasMessageContaining("status 409");
            input.signal(99);
            input.over().get(30, TimeUnit.SECONDS);
            assertThatThrownBy(() -> input.type(bytes("x"), 0, 1)).isInstanceOf(IOException.class);
        }
        agent.body.open("gate");
        assertThat(agent.output(id.value())).isEqualTo("done\n");
    }

    @Test
    void thereIsNothingToAttachToWhereNothingReads() throws Exception {
        var id = new JobId(agent.submit(AgentUnderTest.order("wait gate")));
        assertThatThrownBy(() -> attached(id)).hasMessageContaining("status 409");
        agent.body.open("gate");
        agent.await(id.value(), "ended");
        assertThatThrownBy(() -> attached(id)).hasMessageContaining("status 409");
        // Nor for whoever may only look, nor for whoever may not even do that.
        var other = new JobId(agent.submit(reading("echo")));
        String reader = agent.token(Scope.READ);
        assertThatThrownBy(() -> client(reader).attach(other, reader)).hasMessageContaining("status 404");
        attached(other).close();
    }

    @Test
    void aHeldGuestRunsTheStepsThatItIsSentOneAfterTheOther() throws Exception {
        ObjectNode order = AgentUnderTest.JSON.createObjectNode();
        order.putObject("spec");
        order.putObject("hold").put("when", "always").put("idle", "1h");
        var id = new JobId(agent.submit(order));
        try (JobStory story = client.follow(id, agent.admin, 0)) {
            await(story, JobEvent.Held.class);
            assertThat(send(id, "say one\nexit 7").step()).isEqualTo(1);
            assertThat(await(story, JobEvent.StepBegan.class).name()).isEqualTo("on demand");
            assertThat(await(story, JobEvent.StepEnded.class).exitCode()).isEqualTo(7);
            assertThat(await(story, JobEvent.Held.class).exitCode()).isEmpty();

            assertThat(send(id, "wait gate\nkeep report fine").step()).isEqualTo(2);
            var busy = catchThrowableOfType(RunnerException.class, () -> send(id, "say early"));
            assertThat(busy.fault()).isEqualTo(Fault.REFUSED);
            agent.body.open("gate");
            await(story, JobEvent.StepEnded.class);
            await(story, JobEvent.Held.class);
            client.release(id, agent.admin);
            // What a step on demand ends with is the step's; the job did what it was asked.
            assertThat(await(story, JobEvent.Ended.class).ending().exitCode()).isZero();
        }
        assertThat(agent.output(id.value())).isEqualTo("one\n");
        assertThat(catchThrowableOfType(RunnerException.class, () -> send(id, "say late"))
                        .fault())
                .isEqualTo(Fault.REFUSED);
    }

    @Test
    void aStepOnDemandCanBeTypedTo() throws Exception {
        var id = new JobId(agent.submit(held("exit 3", "failed")));
        try (JobStory story = client.follow(id, agent.admin, 0)) {
            assertThat(await(story, JobEvent.Held.class).exitCode()).contains(3);
            ObjectNode step =
                    AgentUnderTest.JSON.createObjectNode().put("run", "echo").put("stdin", true);
            AgentClient.StepReceipt receipt = client.step(id, agent.admin, step);
            try (AttachedInput input = attached(id);
                    JobStory rest = client.follow(id, agent.admin, receipt.offset())) {
                input.type(bytes("typed"), 0, 5);
                input.end();
                assertThat(await(rest, JobEvent.StepBegan.class).step()).isEqualTo(receipt.step());
                awaitOutput(rest, "typed");
                assertThat(await(rest, JobEvent.StepEnded.class).exitCode()).isZero();
                input.over().get(30, TimeUnit.SECONDS);
            }
            client.release(id, agent.admin);
            assertThat(await(story, JobEvent.Ended.class).ending().exitCode()).isEqualTo(3);
        }
    }

    @Test
    void aGuestIsHeldNoLongerThanItMayBeIdleAndOnlyIfItsStepsFailed() throws Exception {
        ObjectNode order = held("exit 3", "failed");
        order.putObject("hold").put("when", "failed").put("idle", "1s");
        assertThat(agent.ended(agent.submit(order)).ending().exitCode()).isEqualTo(3);

        String green = agent.submit(held("say fine", "failed"));
        assertThat(agent.ended(green).ending().exitCode()).isZero();
        assertThat(agent.follow(agent.admin, green, 0)).noneMatch(heard -> heard.event() instanceof JobEvent.Held);
    }

    @Test
    void aCancelledJobIsNotHeldAnyMore() throws Exception {
        var id = new JobId(agent.submit(held("say x", "always")));
        try (JobStory story = client.follow(id, agent.admin, 0)) {
            await(story, JobEvent.Held.class);
            client.cancel(id, agent.admin);
            assertThat(await(story, JobEvent.Ended.class).ending().outcome()).isEqualTo("cancelled");
        }
    }

    @Test
    void wishesThatMakeNoSenseAreRefused() throws Exception {
        for (String wish : new String[] {
            "{\"spec\":{\"steps\":[{\"run\":\"a\"}]},\"stdin\":1}",
            "{\"spec\":{\"steps\":[{\"run\":\"a\"},{\"run\":\"b\"}]},\"stdin\":true}",
            "{\"spec\":{\"steps\":[{\"run\":\"a\"}]},\"terminal\":{\"rows\":-1}}",
            "{\"spec\":{\"steps\":[{\"run\":\"a\"}]},\"terminal\":{\"type\":\"x\\n\"}}",
            "{\"spec\":{\"steps\":[{\"run\":\"a\"}]},\"hold\":{\"when\":\"never\"}}",
            "{\"spec\":{\"steps\":[{\"run\":\"a\"}]},\"hold\":{\"when\":\"always\",\"idle\":\"25h\"}}",
            "{\"spec\":{\"steps\":[{\"run\":\"a\"}]},\"hold\":{\"when\":\"always\",\"ide\":\"1s\"}}",
            "{\"spec\":{},\"hold\":{\"when\":\"failed\"}}"
        }) {
            assertThat(agent.post(agent.admin, "/v1/jobs", AgentUnderTest.JSON.readTree(wish))
                            .statusCode())
                    .describedAs(wish)
                    .isEqualTo(400);
        }
        var id = new JobId(agent.submit(held("say x", "always")));
        try (JobStory story = client.follow(id, agent.admin, 0)) {
            await(story, JobEvent.Held.class);
        }
        for (String step :
                new String[] {"{}", "{\"run\":\"a\",\"command\":[\"b\"]}", "{\"run\":\"\"}", "{\"run\":1}"}) {
            assertThat(agent.post(agent.admin, "/v1/jobs/" + id + "/steps", AgentUnderTest.JSON.readTree(step))
                            .statusCode())
                    .describedAs(step)
                    .isEqualTo(400);
        }
        client.release(id, agent.admin);
        agent.await(id.value(), "ended");
    }

    private static ObjectNode held(String script, String when) {
        ObjectNode order = AgentUnderTest.order(script);
        order.putObject("hold").put("when", when).put("idle", "1h");
        return order;
    }

    private AgentClient.StepReceipt send(JobId id, String script) throws Exception {
        return client.step(
                id, agent.admin, AgentUnderTest.JSON.createObjectNode().put("run", script));
    }

    private static <T extends JobEvent> T await(JobStory story, Class<T> kind) throws Exception {
        for (Optional<JobEvent> event = story.next(); event.isPresent(); event = story.next()) {
            if (kind.isInstance(event.get())) {
                return kind.cast(event.get());
            }
        }
        throw new AssertionError("no " + kind.getSimpleName());
    }

    private static void awaitOutput(JobStory story, String text) throws Exception {
        var output = new StringBuilder();
        while (!output.toString().endsWith(text)) {
            output.append(new String(await(story, JobEvent.Log.class).bytes(), StandardCharsets.ISO_8859_1));
        }
    }
}
