package dev.thaw.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Tag("cli")
class ExecCommandTest {
    private final CommandLineProcess runner;

    ExecCommandTest(@TempDir Path directory) throws IOException {
        runner = new CommandLineProcess(directory);
    }

    @Test
    void itsOptionsAreThese() {
        CommandLine exec = Objects.requireNonNull(RunnerCommand.line(
                        () -> {
                            throw new AssertionError("help needs no engine");
                        },
                        Map.of(),
                        new Console(System.err, false))
                .getSubcommands()
                .get("exec"));
        assertThat(exec.getCommandSpec().options().stream()
                        .flatMap(option -> Arrays.stream(option.names()))
                        .sorted())
                .containsExactly(
                        "--accel",
                        "--agent",
                        "--artifact",
                        "--cpus",
                        "--disk",
                        "--env-file",
                        "--from",
                        "--git",
                        "--help",
                        "--image",
                        "--json",
                        "--keep-on-failure",
                        "--memory",
                        "--no-agent",
                        "--out",
                        "--pull",
                        "--template",
                        "--timeout",
                        "--timings",
                        "--user",
                        "--version",
                        "-C",
                        "-V",
                        "-e",
                        "-f",
                        "-h",
                        "-i",
                        "-t");
    }

    @Test
    void aRevisionIsNotADirectoryAndItsUrlHasNoSecrets() throws Exception {
        runner.run("exec", "--git", "file:///srv/a", "-C", ".")
                .isFault("usage: --git and -C both say what is copied in; give one");
        runner.run("exec", "--git", "https://x:CANARY@git.invalid/a")
                .isFault("usage: a git URL must have no user information, which would stand in process lists and"
                        + " records; got: https://...@git.invalid/a");
        runner.run("exec", "--git", "https://git.invalid/a#--all")
                .isFault("usage: a git revision must be a branch, a tag or all digits of a commit, got: --all");
        runner.run("exec", "--git", "file:///srv/a", "--from", "j1")
                .isFault("usage: --from runs a job as it was; besides it only -C, -i, -t,"
                        + " --keep-on-failure, --out, --timings and --json make sense");
    }

    @Test
    void anUnknownOptionIsNamed() throws Exception {
        runner.run("exec", "--tempalte", "docker")
                .isFault("usage: Unknown option: '--tempalte'; see: runner exec --help");
    }

    @Test
    void nothingToRunNamesTheFileThatWasLookedFor() throws Exception {
        runner.run("exec")
                .isFault("usage: nothing to run: there are no steps in "
                        + runner.directory().resolve("thaw.yaml") + ", and no command was given after --");
    }

    @Test
    void aJobFileThatWasAskedForMustBeThere() throws Exception {
        runner.run("exec", "-f", "missing.yaml").isFault("usage: there is no job file missing.yaml");
    }

    @Test
    void allMistakesOfTheJobFileAreNamedAtOnce() throws Exception {
        Files.writeString(runner.directory().resolve("thaw.yaml"), """
                tempalte: docker
                timeout: soon
                resources:
                  cpus: many
                steps: []
                """);
        runner.run("exec").isFault("""
                        usage: thaw.yaml has 4 mistakes
                          line 1: unknown key 'tempalte'; did you mean 'template'?
                          line 2: 'timeout': a length of time looks like 90s, 20m or 1h30m, got: soon
                          line 4: cpus must be a whole number from 1 to 64, got: many
                          line 5: 'steps' is empty; write at least one, like - {name: test, run: make test}\
                        """);
    }

    @Test
    void aVariableThatIsNotSetIsNotPassedOnAsEmpty() throws Exception {
        runner.run("exec", "-e", "THAW_UNSET", "--", "true")
                .isFault("usage: -e THAW_UNSET: THAW_UNSET is not set here; give a value with THAW_UNSET=VALUE");
    }

    @Test
    void aLineOfAnEnvironmentFileIsNamed() throws Exception {
        Files.writeString(runner.directory().resolve("env"), "# comment\nA=1\n\nTHAW_UNSET\n");
        runner.run("exec", "--env-file", "env", "--", "true")
                .isFault("usage: env line 4: THAW_UNSET is not set here; give a value with THAW_UNSET=VALUE");
    }

    @Test
    void aNameThatIsNoVariableIsRefused() throws Exception {
        runner.run("exec", "-e", "A-B=1", "--", "true")
                .isFault("usage: name of an environment variable must match [A-Za-z_][A-Za-z0-9_]*, got: A-B");
    }

    @Test
    void anUnknownAcceleratorIsRefused() throws Exception {
        runner.run("exec", "--accel", "hvf", "--", "true").isFault("usage: --accel must be auto, kvm or tcg, got: hvf");
    }

    @Test
    void aTimeoutNeedsAUnit() throws Exception {
        runner.run("exec", "--timeout", "20", "--", "true")
                .isFault("usage: a length of time looks like 90s, 20m or 1h30m, got: 20");
    }

    @Test
    void aTimeoutHasALimit() throws Exception {
        runner.run("exec", "--timeout", "25h", "--", "true").isFault("usage: timeout must be 1s to 24h, got: 25h");
    }

    @Test
    void memoryNeedsAUnit() throws Exception {
        runner.run("exec", "--memory", "2", "--", "true")
                .isFault("usage: a size is a whole number and a unit, like 512MiB or 2GiB"
                        + " (B, KiB, MiB, GiB, TiB, or k, m, g, t), got: 2");
    }

    @Test
    void cpusAreANumber() throws Exception {
        runner.run("exec", "--cpus", "all", "--", "true")
                .isFault("usage: Invalid value for option '--cpus': 'all' is not an int; see: runner exec --help");
    }

    @Test
    void stepsRunAsBuildOrRoot() throws Exception {
        runner.run("exec", "--user", "somebody", "--", "true")
                .isFault("usage: user must be 'build' or 'root', got: somebody");
    }

    @Test
    void anImageIsANameThatDockerCanRead() throws Exception {
        for (String name : List.of("--privileged", "-v", "Busybox", "a b")) {
            runner.run("exec", "--image=" + name, "--", "true")
                    .isFault("usage: image must be the name of a container image, like debian:trixie-slim or"
                            + " registry.example:5000/team/tool:1.2, in lower case; got: " + name);
        }
    }

    @Test
    void pullIsOneOfThreeWordsAndForAnImage() throws Exception {
        runner.run("exec", "--image", "busybox", "--pull", "if-not-present", "--", "true")
                .isFault("usage: pull must be always, missing or never, got: if-not-present");
        runner.run("exec", "--pull", "never", "--", "true")
                .isFault("usage: --pull is for an image; name one with --image IMG");
    }

    @Test
    void theWorkingDirectoryMustBeOne() throws Exception {
        runner.run("exec", "-C", "nowhere", "--", "true")
                .isFault("workspace: " + runner.directory().resolve("nowhere")
                        + " is not a directory; name one with -C DIR");
    }

    @Test
    void timingsThatCannotBeWrittenAreRefusedBeforeTheBuild() throws Exception {
        runner.run("exec", "--timings", "nowhere/timings.json", "--", "true")
                .isFault("usage: --timings: cannot write to nowhere/timings.json");
    }

    @Test
    void aGlobIsCheckedBeforeTheBuild() throws Exception {
        runner.run("exec", "--artifact", "../secret", "--", "true")
                .isFault("usage: artifact glob ../secret has '..'; artifacts are files below /workspace");
    }

    @Test
    void anOutputDirectoryWithoutArtifactsIsAMistake() throws Exception {
        runner.run("exec", "--out", "out", "--", "true")
                .isFault("usage: --out out: the job has no artifacts; name some with --artifact GLOB");
    }

    @Test
    void anOutputDirectoryThatIsAFileIsRefusedBeforeTheBuild() throws Exception {
        Path file = Files.writeString(runner.directory().resolve("out"), "mine");
        runner.run("exec", "--artifact", "**", "--out", "out", "--", "true")
                .isFault("usage: --out: " + file + " is not a directory; name one, or one that can be made");
        runner.run("exec", "--artifact", "**", "--out", "out/below", "--", "true")
                .isFault("usage: --out: " + file + " is not a directory; name one, or one that can be made");
        assertThat(file).hasContent("mine");
    }

    @Test
    void anOutputDirectoryThatCannotBeWrittenIsRefusedBeforeTheBuild() throws Exception {
        // Read-only for everybody, root included.
        runner.run("exec", "--artifact", "**", "--out", "/proc/self", "--", "true")
                .isFault("usage: --out: /proc/self cannot be written; name another directory for the artifacts");
    }

    @Test
    void aCommandOnTheLineKeepsTheArtifactsOfTheFile() throws Exception {
        Files.writeString(runner.directory().resolve("thaw.yaml"), "artifacts: [a]\n");
        Path file = Files.writeString(runner.directory().resolve("out"), "");
        runner.run("exec", "--out", "out", "--", "true")
                .isFault("usage: --out: " + file + " is not a directory; name one, or one that can be made");
    }

    @Test
    void standardInputGoesToOneStepOnly() throws Exception {
        Files.writeString(runner.directory().resolve("thaw.yaml"), "steps: [{run: a}, {run: b}]\n");
        runner.run("exec", "-i").isFault("usage: -i needs a job of one step, or a command after --");
    }

    @Test
    void aTerminalIsTypedAtOnlyWhereThereIsOne() throws Exception {
        runner.run("exec", "-i", "-t", "--", "true")
                .isFault("usage: -i with -t needs a terminal as standard input; leave out -t, or -i");
    }

    @Test
    void anUnknownTemplateNamesTheRecipes() throws Exception {
        runner.run("exec", "--template", "jdk99", "--", "true")
                .isFault("no template: there is no template and no recipe 'jdk99'; recipes in "
                        + CommandLineProcess.IMAGES + ": docker; list templates with: runner template list");
    }

    @Test
    void aTemplateIsNeverAPath() throws Exception {
        runner.run("exec", "--template", "../docker", "--", "true")
                .isFault("usage: template must match [a-z0-9][a-z0-9._-]{0,62}, got: ../docker");
    }

    @Test
    void jsonIsOneObjectThatSaysWhetherToTryAgain() throws Exception {
        var ended = runner.run("exec", "--json", "--template", "jdk99", "--", "true");

        assertThat(ended.code()).isEqualTo(125);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err().lines()).hasSize(2);
        JsonNode result =
                new JsonMapper().readTree(ended.err().lines().findFirst().orElseThrow());
        assertThat(result.path("outcome").asText()).isEqualTo("fault");
        assertThat(result.path("exit_code").asInt()).isEqualTo(125);
        assertThat(result.path("job").asText()).matches("[a-z0-9]{13}");
        assertThat(result.path("fault").path("kind").asText()).isEqualTo("no template");
        assertThat(result.path("fault").path("message").asText())
                .startsWith("there is no template and no recipe 'jdk99'");
        assertThat(result.path("fault").path("retryable").isBoolean()).isTrue();
        assertThat(result.path("fault").path("retryable").asBoolean()).isFalse();
    }

    @Test
    void aHomeThatIsAFileIsAFaultOfTheHost() throws Exception {
        Path file = Files.createFile(runner.directory().resolve("file"));
        var ended = runner.with("RUNNER_HOME", file.toString()).run("exec", "--", "true");

        assertThat(ended.code()).isEqualTo(125);
        assertThat(ended.err())
                .startsWith("runner: host: cannot make the runner's directories below " + file + " and ")
                .endsWith("; set RUNNER_HOME (RUNNER_RUNTIME) to a directory that can be written\n")
                .hasLineCount(1);
    }

    @Test
    void aHomeThatCannotBeWrittenIsAFaultOfTheHost() throws Exception {
        var ended = runner.with("RUNNER_HOME", "/proc/thaw").run("exec", "--", "true");

        assertThat(ended.code()).isEqualTo(125);
        assertThat(ended.err())
                .startsWith("runner: host: cannot make the runner's directories below /proc/thaw and ")
                .hasLineCount(1);
    }
}
