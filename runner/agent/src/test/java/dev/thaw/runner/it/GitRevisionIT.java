package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A revision of a repository in the place of a directory, in real guests. */
class GitRevisionIT {
    private static final String JOB = """
            steps:
              - run: |
                  cat a.txt
                  git status --porcelain
                  git log --format=%s
                  echo made > made.txt
            artifacts: [made.txt]
            """;

    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();
    private Path project = Path.of("");
    private String url = "";

    @BeforeEach
    void makeProject() throws Exception {
        project = Files.createDirectory(work.resolve("project"));
        url = "file://" + project;
        git("init", "-q", "-b", "main");
        Files.writeString(project.resolve("thaw.yaml"), JOB);
        Files.writeString(project.resolve("a.txt"), "first\n");
        git("add", "-A");
        git("commit", "-q", "-m", "one");
    }

    @Test
    void theJobOfARevisionRunsAndRunsAgainWhenTheBranchHasMoved() throws Exception {
        String then = git("rev-parse", "HEAD").strip();
        var first = runner.run(work, "exec", "--json", "--git", url + "#main").expect(0);
        assertThat(first.out()).isEqualTo("first\none\n");
        assertThat(work.resolve("thaw-artifacts/made.txt")).hasContent("made");
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
        String id = new JsonMapper()
                .readTree(first.err().lines().reduce((a, b) -> b).orElse(""))
                .path("job")
                .asText();
        assertThat(Files.readString(Runner.HOME.resolve("records").resolve(id + ".json")))
                .contains("\"git\" : \"" + url + "\"", "\"revision\" : \"main\"", "\"commit\" : \"" + then + "\"");

        Files.writeString(project.resolve("a.txt"), "second\n");
        git("commit", "-q", "-a", "-m", "two");
        assertThat(runner.run(work, "exec", "--git", url).expect(0).out()).isEqualTo("second\ntwo\n");
        assertThat(runner.run(work, "exec", "--from", id).expect(0).out()).isEqualTo("first\none\n");

        // History is rewritten, and the old one is gone for good.
        git("checkout", "-q", "--orphan", "alone");
        git("commit", "-q", "-m", "three");
        git("branch", "-q", "-M", "main");
        git("reflog", "expire", "--expire=now", "--all");
        git("gc", "-q", "--prune=now");
        String alone = git("rev-parse", "HEAD").strip();
        assertThat(runner.run(work, "exec", "--from", id).expect(125).err())
                .isEqualTo("runner: replay: job " + id + " cannot be run again as it was: workspace: cannot fetch "
                        + url + "#" + then + ": the server does not give commit " + then + "; main is " + alone
                        + " now\n");
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    @Test
    void whatCannotBeFetchedIsALineAnd125() throws Exception {
        assertThat(runner.run(work, "exec", "--git", url + "#nope").expect(125).err())
                .isEqualTo("runner: workspace: cannot fetch " + url
                        + "#nope: it has no nope; name a branch, a tag or all digits of a commit\n");
        assertThat(runner.run(work, "exec", "--git", url + "s").expect(125).err())
                .isEqualTo("runner: workspace: cannot fetch " + url
                        + "s#HEAD: there is no git repository, or none without credentials\n");
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    private String git(String... words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("git", "-c", "user.name=a", "-c", "user.email=a@example.org"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .directory(project.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .describedAs("%s: %s", command, output)
                    .isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
