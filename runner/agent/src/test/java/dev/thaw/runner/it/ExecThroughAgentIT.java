package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every case of {@link ExecIT} once more, with an agent on this host that the jobs go through; and its commands. */
class ExecThroughAgentIT extends ExecIT {
    @RegisterExtension
    static final AgentOfThisHost AGENT = new AgentOfThisHost();

    private final Runner user = Runner.shared();

    @Test
    void artifactsComeHereAndTheirAbsenceIsSaid() throws Exception {
        var ended = user.run(
                        work,
                        "exec",
                        "--artifact",
                        "made/**",
                        "--artifact",
                        "nothing*",
                        "--",
                        "sh",
                        "-c",
                        "mkdir -p made/deep && echo one > made/one && echo two > made/deep/two && ln -s one made/link")
                .expect(0);
        assertThat(Files.readString(work.resolve("thaw-artifacts/made/one"))).isEqualTo("one\n");
        assertThat(Files.readString(work.resolve("thaw-artifacts/made/deep/two")))
                .isEqualTo("two\n");
        assertThat(Files.readSymbolicLink(work.resolve("thaw-artifacts/made/link")))
                .isEqualTo(Path.of("one"));
        assertThat(ended.err()).contains("nothing*");

        String id = AGENT.newest();
        user.run(work, "artifacts", "--out", "again", id).expect(0);
        assertThat(Files.readString(work.resolve("again/made/deep/two"))).isEqualTo("two\n");
    }

    @Test
    void jobsAreListedReadAndCancelled() throws Exception {
        user.run(work, "exec", "--", "sh", "-c", "echo to out; echo to err >&2; exit 9")
                .expect(9);
        String id = AGENT.newest();
        assertThat(user.run(work, "jobs", "-n", "1").expect(0).out())
                .containsPattern("(?m)^" + id + " +ended +exit 9 .* sh -c echo to out");
        var logs = user.run(work, "logs", id).expect(0);
        assertThat(logs.out()).isEqualTo("to out\n");
        assertThat(logs.err()).isEqualTo("to err\n");
        assertThat(user.run(work, "cancel", id).expect(0).err()).contains("was over already: finished");

        String running = AGENT.agent().submit(RealAgent.order("echo begun; sleep 600"));
        var story = new RealAgent.Story();
        AGENT.agent().follow(running, story, "begun");
        assertThat(user.run(work, "logs", running).expect(0).out()).isEqualTo("begun\n");
        assertThat(user.run(work, "artifacts", running).expect(125).err()).contains("is running; there are artifacts");
        assertThat(user.run(work, "cancel", running).expect(0).err()).contains("is being cancelled");
        assertThat(user.run(work, "logs", "-f", running).expect(0).out()).isEqualTo("begun\n");
        assertThat(AGENT.agent().job(running).path("ending").path("outcome").asText())
                .isEqualTo("cancelled");
    }

    @Test
    void aJobOfTheAgentRunsAgainByItsIdAndItsAddressUntilItsTreeChanges() throws Exception {
        Files.writeString(work.resolve("a.txt"), "first\n");
        user.run(work, "exec", "-e", "GREETING=hello", "--", "sh", "-c", "cat a.txt; echo $GREETING; exit 3")
                .expect(3);
        String id = AGENT.newest();
        String address = AGENT.agent().address() + "v1/jobs/" + id;
        assertThat(user.run(work, "exec", "--from", id).expect(3).out()).isEqualTo("first\nhello\n");
        assertThat(user.run(work, "exec", "--from", address).expect(3).out()).isEqualTo("first\nhello\n");
        assertThat(AGENT.newest()).isEqualTo(id);

        Files.writeString(work.resolve("a.txt"), "other\n");
        assertThat(user.run(work, "exec", "--from", id).expect(125).err())
                .startsWith("runner: replay: job " + id + " cannot be run again as it was: workspace: digest ");
        assertThat(user.run(work, "exec", "--from", "nosuchjob").expect(125).err())
                .contains("there is no such job");
    }

    @Test
    void whoTypesAndIsInterruptedHasCancelledTheJobAndNotBrokenItsInput() throws Exception {
        for (int i = 0; i < 3; i++) {
            Process process = user.start(List.of("exec", "-i", "--", "sh", "-c", "echo up; cat"), work);
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            new ProcessBuilder("kill", "-TERM", String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(130);
            assertThat(process.errorReader().readLine()).isEqualTo("runner: cancelled; the guest was destroyed");
            assertThat(AGENT.agent()
                            .job(AGENT.newest())
                            .path("ending")
                            .path("outcome")
                            .asText())
                    .isEqualTo("cancelled");
        }
    }

    @Test
    void withoutTheAgentAJobIsThisProcesssOwn() throws Exception {
        String before = AGENT.newest();
        user.run(work, "exec", "--no-agent", "--", "true").expect(0);
        assertThat(AGENT.newest()).isEqualTo(before);
    }
}
