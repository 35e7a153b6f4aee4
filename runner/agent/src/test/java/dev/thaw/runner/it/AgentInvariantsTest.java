package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEndingText;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.job.Timings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The control of {@link AgentKillsIT}: what it looks for is found where it is planted, and nowhere else. */
class AgentInvariantsTest {
    private static final Instant KILL = Instant.parse("2026-05-01T12:00:00Z");
    private static final String BEGIN = "begin 6f1e3f0a-7d0f-4f1c-9c55-0123456789ab\n";
    private static final AgentInvariants.Asked ONCE = new AgentInvariants.Asked(false, "text\n", 2);
    private static final AgentInvariants.Asked TWICE = new AgentInvariants.Asked(true, "text\n", 2);
    private static final JobEnding FINISHED = new JobEnding(
            "finished",
            2,
            Optional.empty(),
            ArtifactReport.NONE,
            new Timings(Map.of()),
            Optional.empty(),
            Optional.empty());
    private static final JobEnding INTERRUPTED = JobEnding.interrupted("the agent died");

    private static ObjectNode job(String state, int attempts) {
        return new JsonMapper().createObjectNode().put("state", state).put("attempts", attempts);
    }

    private static JsonNode ended(int attempts, JobEnding ending) {
        return job("ended", attempts).set("ending", JobEndingText.of(ending));
    }

    private static JobEvent running(int attempt) {
        return new JobEvent.Moved(JobState.RUNNING, attempt, KILL);
    }

    private static JobEvent log(String text) {
        return new JobEvent.Log(JobEvent.Stream.STDOUT, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static JobEvent end(JobEnding ending) {
        return new JobEvent.Ended(ending, KILL);
    }

    @Test
    void aRecordThatWasChangedIsFound() {
        assertThat(AgentInvariants.unchanged(Map.of("a", "{1}"), Map.of("a", "{1}", "b", "{2}")))
                .isEmpty();
        assertThat(AgentInvariants.unchanged(Map.of("a", "{1}"), Map.of("a", "{2}")))
                .hasSize(1);
        assertThat(AgentInvariants.unchanged(Map.of("a", "{1}"), Map.of())).hasSize(1);
    }

    @Test
    void aJobThatIsLostOrThereTwiceIsFound() {
        assertThat(AgentInvariants.complete(Set.of("a"), Set.of("a", "b"), 1)).isEmpty();
        assertThat(AgentInvariants.complete(Set.of("a", "b"), Set.of("a"), 1)).containsExactly("job b is lost");
        assertThat(AgentInvariants.complete(Set.of("a"), Set.of("a", "b"), 0)).hasSize(1);
    }

    @Test
    void aJobThatAStartDidNotDealWithIsFound() {
        ObjectNode before = job("running", 1).put("started", KILL.minusMillis(1).toString());
        ObjectNode after = job("running", 2).put("started", KILL.plusSeconds(1).toString());
        assertThat(AgentInvariants.dealtWith(ONCE, before, KILL)).hasSize(1);
        assertThat(AgentInvariants.dealtWith(TWICE, after, KILL)).isEmpty();
        assertThat(AgentInvariants.dealtWith(ONCE, after, KILL)).hasSize(1);
        assertThat(AgentInvariants.dealtWith(ONCE, job("queued", 0), KILL)).isEmpty();
        assertThat(AgentInvariants.dealtWith(TWICE, job("queued", 3), KILL)).hasSize(1);
    }

    @Test
    void aJobThatEndedOtherwiseThanAKillMakesItIsFound() {
        assertThat(AgentInvariants.dealtWith(ONCE, ended(1, INTERRUPTED), KILL)).isEmpty();
        assertThat(AgentInvariants.dealtWith(TWICE, ended(2, INTERRUPTED), KILL))
                .isEmpty();
        assertThat(AgentInvariants.dealtWith(ONCE, ended(0, INTERRUPTED), KILL)).hasSize(1);
        assertThat(AgentInvariants.dealtWith(TWICE, ended(1, INTERRUPTED), KILL))
                .hasSize(1);
        assertThat(AgentInvariants.dealtWith(ONCE, ended(1, JobEnding.cancelled()), KILL))
                .hasSize(1);
        ObjectNode hopeless = ended(1, INTERRUPTED).deepCopy();
        hopeless.withObject("/ending/fault").put("retryable", false);
        assertThat(AgentInvariants.dealtWith(ONCE, hopeless, KILL)).hasSize(1);
        ObjectNode green = ended(1, FINISHED).deepCopy();
        assertThat(AgentInvariants.dealtWith(ONCE, green, KILL)).isEmpty();
        green.withObject("/ending").put("exit_code", 0);
        assertThat(AgentInvariants.dealtWith(ONCE, green, KILL)).hasSize(1);
    }

    private static List<String> wrong(JsonNode job, JobEvent... events) {
        return AgentInvariants.story(TWICE, job, List.of(events));
    }

    @Test
    void aStoryThatIsNotTheJobsIsFound() {
        JsonNode once = ended(1, FINISHED);
        JsonNode twice = ended(2, FINISHED);
        JobEvent all = log(BEGIN + "text\nend\n");
        assertThat(wrong(
                        once,
                        running(1),
                        log("begin"),
                        log(BEGIN.substring(5) + "te"),
                        log("xt\nend\n"),
                        end(FINISHED)))
                .isEmpty();
        assertThat(wrong(twice, running(1), log("begin 6f"), running(2), all, end(FINISHED)))
                .isEmpty();
        assertThat(wrong(ended(2, INTERRUPTED), running(1), running(2), end(INTERRUPTED)))
                .isEmpty();

        assertThat(wrong(once, all, running(1), all, end(FINISHED))).hasSize(1);
        assertThat(wrong(once, running(1), all, running(2), all, end(FINISHED))).hasSize(1);
        assertThat(wrong(once, running(1), all, all, end(FINISHED))).hasSize(1);
        assertThat(wrong(once, running(1), log(BEGIN + "xt\nend\n"), end(FINISHED)))
                .hasSize(1);
        assertThat(wrong(once, running(1), log(BEGIN + "text\n"), end(FINISHED)))
                .hasSize(1);
        assertThat(wrong(once, running(1), all, end(INTERRUPTED))).hasSize(1);
        assertThat(wrong(once, running(1), all)).hasSize(1);
        assertThat(wrong(once, running(1), end(FINISHED), all)).hasSize(1);
        assertThat(wrong(once, running(1), all, end(FINISHED), end(FINISHED))).hasSize(1);
    }

    @Test
    void aRunThatIsThereTwiceIsFound() {
        String other = BEGIN.replace("6f1e", "6f1f");
        assertThat(AgentInvariants.distinct(List.of(BEGIN, other, "beg", "beg", "")))
                .isEmpty();
        assertThat(AgentInvariants.distinct(List.of(BEGIN + "text", other, BEGIN)))
                .hasSize(1);
    }

    @Test
    void eventsThatAreMissingOrCameTwiceAreFound() {
        List<String> story = List.of("10 a", "20 b");
        assertThat(AgentInvariants.heard("id", new ArrayList<>(story), story)).isEmpty();
        assertThat(AgentInvariants.heard("id", List.of("20 b"), story)).hasSize(1);
        assertThat(AgentInvariants.heard("id", List.of("10 a", "10 a", "20 b"), story))
                .hasSize(1);
    }

    @Test
    void directoriesAndSocketsOfDeadGuestsAreFound(@TempDir Path home) throws Exception {
        Path jobs = Files.createDirectories(home.resolve("jobs"));
        Path sockets = Files.createDirectories(home.resolve("sockets"));
        Files.createDirectory(sockets.resolve("new"));
        Path made = Files.createFile(Files.createDirectory(jobs.resolve("new")).resolve("owner"));
        Files.setLastModifiedTime(made, FileTime.from(KILL.plusSeconds(1)));
        assertThat(AgentInvariants.leftovers(jobs, sockets, KILL)).isEmpty();
        assertThat(AgentInvariants.leftovers(jobs, home.resolve("absent"), KILL))
                .isEmpty();

        Files.createDirectory(jobs.resolve("nobodys"));
        Files.createDirectory(sockets.resolve("gone"));
        assertThat(AgentInvariants.leftovers(jobs, sockets, KILL)).hasSize(2);
        assertThat(AgentInvariants.leftovers(jobs, sockets, KILL.plusSeconds(2)))
                .hasSize(3);
    }

    @Test
    void workspacesOfJobsThatAreOverAreFound(@TempDir Path jobs) throws Exception {
        Files.createFile(Files.createDirectory(jobs.resolve("waits")).resolve("workspace.tar"));
        Files.createDirectory(jobs.resolve("over"));
        assertThat(AgentInvariants.files(jobs, Set.of("over"))).isEmpty();
        Files.createFile(jobs.resolve("over").resolve("workspace.part"));
        assertThat(AgentInvariants.files(jobs, Set.of("over"))).hasSize(1);
    }
}
