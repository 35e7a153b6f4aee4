package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobFileTest {
    @Test
    void everyKeyThatIsCarriedOutIsRead() throws RunnerException {
        var spec = JobFile.parse("""
                # The job of this repository.
                template: jdk17
                resources: {cpus: 2, memory: 2GiB, disk: 8GiB}
                timeout: 1h30m
                env: {CI: true, VERSION: 1.10, EMPTY: , QUOTED: "a b"}
                user: root
                network: {allow: []}
                steps:
                  - {name: test, run: mvn -B verify}
                  - run: |
                      echo one
                      echo two
                artifacts: ["target/surefire-reports/**", dist/*.jar]
                """, "thaw.yaml");
        assertThat(spec)
                .isEqualTo(new JobSpec(
                        "jdk17",
                        new Resources(2, ByteSize.parse("2GiB"), ByteSize.parse("8GiB")),
                        Duration.ofMinutes(90),
                        Map.of("CI", "true", "VERSION", "1.10", "EMPTY", "", "QUOTED", "a b"),
                        "root",
                        null,
                        List.of(Step.script("test", "mvn -B verify"), Step.script("step 2", "echo one\necho two\n")),
                        List.of(ArtifactGlob.parse("target/surefire-reports/**"), ArtifactGlob.parse("dist/*.jar"))));
        assertThat(spec.env().keySet()).containsExactly("CI", "VERSION", "EMPTY", "QUOTED");
    }

    @Test
    void anImageIsANameOrAMappingWithAName() throws RunnerException {
        assertThat(JobFile.parse("image: debian:trixie-slim\n", "thaw.yaml").container())
                .isEqualTo(ContainerSpec.of(ImageReference.parse("debian:trixie-slim")));
        assertThat(JobFile.parse("image: {name: node, pull: always, entrypoint: image, user: node}", "thaw.yaml")
                        .container())
                .isEqualTo(new ContainerSpec(
                        ImageReference.parse("node"), PullPolicy.ALWAYS, ImageEntrypoint.IMAGE, "node"));
        assertThat(JobFile.parse("{image: node, user: build}", "thaw.yaml").askedUser())
                .isEqualTo("build");
        assertThat(JobFile.parse("timeout: 5m", "thaw.yaml").container()).isNull();
    }

    @Test
    void anEmptyFileAsksForTheDefaults() throws RunnerException {
        assertThat(JobFile.parse("", "thaw.yaml")).isEqualTo(JobSpec.DEFAULT);
        assertThat(JobFile.parse("# nothing yet\n", "thaw.yaml")).isEqualTo(JobSpec.DEFAULT);
        assertThat(JobFile.parse("template: docker\n", "thaw.yaml").steps()).isEmpty();
    }

    @Test
    void allMistakesAreReportedAtOnceWithTheirLines() {
        assertThat(fault("""
                        template: Docker
                        resources: {cpus: two, memory: 2GB, disk: 1MiB}
                        timeout: 20
                        env:
                          1A: x
                        user: daemon
                        stpes:
                          - run: make
                        colour: red
                        """)).isEqualTo("""
                        thaw.yaml has 9 mistakes
                          line 1: template must match [a-z0-9][a-z0-9._-]{0,62}, got: Docker
                          line 2: cpus must be a whole number from 1 to 64, got: two
                          line 2: 'memory': a size is a whole number and a unit, like 512MiB or 2GiB (B, KiB, MiB, GiB, TiB, or k, m, g, t), got: 2GB
                          line 2: disk must be 1GiB to 16TiB, got: 1MiB
                          line 3: 'timeout': a length of time looks like 90s, 20m or 1h30m, got: 20
                          line 5: name of an environment variable must match [A-Za-z_][A-Za-z0-9_]*, got: 1A
                          line 6: user must be 'build' or 'root', got: daemon
                          line 7: unknown key 'stpes'; did you mean 'steps'?
                          line 9: unknown key 'colour'; known keys: template, resources, timeout, env, user, image, steps, artifacts, network, secrets""");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "secrets: [TOKEN] | 'secrets' is not supported yet by this version",
                "network: {allow: [\"a:443\"]} | a 'network.allow' that is not empty is not supported yet by this version",
            })
    void whatIsNotCarriedOutYetIsRefusedAndNeverIgnored(String text, String message) {
        assertThat(fault(text)).isEqualTo("thaw.yaml has 1 mistake\n  line 1: " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "steps: [] | 'steps' is empty; write at least one, like - {name: test, run: make test}",
                "steps: make | 'steps' must be a list",
                "steps: [make] | an entry of 'steps' must be keys and values",
                "steps: [{name: a}] | key 'run' is missing",
                "steps: [{run: }] | 'run' has no value; fill it in or leave it out",
                "steps: [{run: \" \"}] | 'run': step 'step 1' has an empty script",
                "steps: [{run: a, nmae: b}] | unknown key 'nmae'; did you mean 'name'?",
                "template: | 'template' has no value; fill it in or leave it out",
                "template: [a] | 'template' must be a single value",
                "resources: 5 | 'resources' must be keys and values",
                "env: {A: [1]} | 'A' must be a single value",
                "env: {A: \"\\0\"} | environment variable A has a NUL character in its value",
                "network: {allow: x} | 'allow' must be a list",
                "resources: {cpus: 65} | cpus must be a whole number from 1 to 64, got: 65",
                "artifacts: target | 'artifacts' must be a list",
                "artifacts: [[a]] | an entry of 'artifacts' must be a single value",
                "artifacts: [/etc/passwd] | 'artifacts': artifact glob /etc/passwd is absolute; write it relative to /workspace",
                "artifacts: [\"\"] | 'artifacts': an artifact glob must not be empty",
                "image: Debian | image must be the name of a container image, like debian:trixie-slim or registry.example:5000/team/tool:1.2, in lower case; got: Debian",
                "image: [debian] | 'image' must be a single value",
                "image: {pull: never} | key 'name' is missing",
                "image: {name: a, pull: sometimes} | pull must be always, missing or never, got: sometimes",
                "image: {name: a, entrypoint: keep} | entrypoint must be none or image, got: keep",
                "image: {name: a, user: a b} | user of a container must be a name or number of the image's, like node, 1000 or 1000:1000, got: a b",
                "image: {name: a, args: --init} | unknown key 'args'; known keys: name, pull, entrypoint, user",
                "{user: root, image: {name: a, user: node}} | 'user' stands in the job and in its 'image'; leave one out",
                "timeout: 25h | timeout must be 1s to 24h, got: 25h",
            })
    void aWrongValueIsOneClearLine(String text, String message) {
        assertThat(fault(text)).isEqualTo("thaw.yaml has 1 mistake\n  line 1: " + message);
    }

    @Test
    void moreGlobsThanAJobCanHaveAreAMistakeOfTheFile() {
        assertThat(fault("artifacts: [" + "a,".repeat(65) + "]"))
                .isEqualTo("thaw.yaml has 1 mistake\n  line 1: 'artifacts' can have 64 globs, got 65");
    }

    @Test
    void aFileIsReadByItsPath(@TempDir Path directory) throws IOException, RunnerException {
        Path file = Files.writeString(directory.resolve("thaw.yaml"), "steps: [{run: make}]\n");
        assertThat(JobFile.parse(file).steps()).containsExactly(Step.script("step 1", "make"));
    }

    private static String fault(String text) {
        var thrown = catchThrowableOfType(RunnerException.class, () -> JobFile.parse(text, "thaw.yaml"));
        assertThat(thrown.fault()).isEqualTo(Fault.USAGE);
        return String.valueOf(thrown.getMessage());
    }
}
