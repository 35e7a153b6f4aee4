package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobSpecTest {
    private static final Step TEST = Step.script("test", "make test");

    @Test
    void whoSaysNothingGetsTheDockerTemplateForAnHourAsAnOrdinaryUser() {
        assertThat(JobSpec.DEFAULT)
                .isEqualTo(new JobSpec(
                        "docker",
                        Resources.UNSPECIFIED,
                        Duration.ofHours(1),
                        Map.of(),
                        null,
                        null,
                        List.of(),
                        List.of()));
    }

    @Test
    void theCommandLineReplacesStepsAndKeepsTheRest() {
        JobSpec spec = JobSpec.DEFAULT.withTemplate("jdk17").withUser("root").withTimeout(Duration.ofMinutes(5));
        assertThat(spec.withSteps(List.of(TEST)))
                .isEqualTo(new JobSpec(
                        "jdk17",
                        Resources.UNSPECIFIED,
                        Duration.ofMinutes(5),
                        Map.of(),
                        "root",
                        null,
                        List.of(TEST),
                        List.of()));
    }

    @Test
    void addedVariablesWinAndTheOrderIsKept() {
        var env = new LinkedHashMap<String, String>();
        env.put("Z", "1");
        env.put("A", "2");
        assertThat(JobSpec.DEFAULT
                        .withEnv(env)
                        .withEnv(Map.of("Z", "3"))
                        .withEnv(Map.of("M", ""))
                        .env())
                .containsExactly(Map.entry("Z", "3"), Map.entry("A", "2"), Map.entry("M", ""));
    }

    @Test
    void resourcesAreOverriddenOneByOne() {
        var file = new Resources(2, ByteSize.parse("2GiB"), null);
        var line = new Resources(4, null, ByteSize.parse("16GiB"));
        assertThat(JobSpec.DEFAULT.withResources(file).withResources(line).resources())
                .isEqualTo(new Resources(4, ByteSize.parse("2GiB"), ByteSize.parse("16GiB")));
    }

    @Test
    void artifactsOfTheLineComeBesideThoseOfTheFile() {
        ArtifactGlob one = ArtifactGlob.parse("one");
        ArtifactGlob two = ArtifactGlob.parse("two");
        assertThat(JobSpec.DEFAULT
                        .withMoreArtifacts(List.of(one))
                        .withMoreArtifacts(List.of(two, one))
                        .artifacts())
                .containsExactly(one, two);
    }

    @Test
    void laterChangesOfTheCallersCollectionsDoNotReachIt() {
        var env = new LinkedHashMap<>(Map.of("A", "1"));
        var steps = new ArrayList<>(List.of(TEST));
        JobSpec spec = JobSpec.DEFAULT.withEnv(env).withSteps(steps);
        env.clear();
        steps.clear();
        assertThat(spec.env()).hasSize(1);
        assertThat(spec.steps()).hasSize(1);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> spec.env().put("B", "2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Docker", "../docker", ".docker", "a/b", "a b"})
    void aTemplateNameCannotLeaveTheStore(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JobSpec.DEFAULT.withTemplate(name))
                .withMessage("template must match [a-z0-9][a-z0-9._-]{0,62}, got: " + name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1A", "A-B", "A=B", "Ä", "A B"})
    void aVariableHasAPlainName(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> JobSpec.DEFAULT.withEnv(Map.of(name, "x")));
    }

    @Test
    void aVariableHoldsNoNul() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JobSpec.DEFAULT.withEnv(Map.of("A", "x\0y")))
                .withMessage("environment variable A has a NUL character in its value");
    }

    @Test
    void theTimeoutIsASecondToADay() {
        assertThat(JobSpec.DEFAULT.withTimeout(Duration.ofHours(24)).timeout()).isEqualTo(Duration.ofDays(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JobSpec.DEFAULT.withTimeout(Duration.ofHours(25)))
                .withMessage("timeout must be 1s to 24h, got: 25h");
        assertThatIllegalArgumentException().isThrownBy(() -> JobSpec.DEFAULT.withTimeout(Duration.ofMillis(999)));
    }

    @Test
    void theUserIsBuildOrRoot() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JobSpec.DEFAULT.withUser("daemon"))
                .withMessage("user must be 'build' or 'root', got: daemon");
    }

    @Test
    void whoNamesNobodyIsBuildInAGuestAndTheImagesOwnUserInAContainer() {
        assertThat(JobSpec.DEFAULT.askedUser()).isNull();
        assertThat(JobSpec.DEFAULT.user()).isEqualTo("build");
        assertThat(JobSpec.DEFAULT.withUser("root").user()).isEqualTo("root");
    }

    @Test
    void aUserOfTheCommandLineWinsOverTheContainersOwn() {
        var container =
                new ContainerSpec(ImageReference.parse("node:22"), PullPolicy.NEVER, ImageEntrypoint.IMAGE, "node");
        assertThat(JobSpec.DEFAULT.withContainer(container).withUser("root").container())
                .isEqualTo(new ContainerSpec(container.image(), PullPolicy.NEVER, ImageEntrypoint.IMAGE, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-u", "a b", "a:", ":a", "a:b:c", "$(id)"})
    void theUserOfAContainerIsANameOrNumber(String user) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new ContainerSpec(ImageReference.parse("node"), PullPolicy.MISSING, ImageEntrypoint.NONE, user))
                .withMessage(
                        "user of a container must be a name or number of the image's, like node, 1000 or 1000:1000,"
                                + " got: " + user);
    }

    @Test
    void resourcesHaveRanges() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Resources(0, null, null))
                .withMessage("cpus must be 1 to 64, got: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Resources(null, ByteSize.parse("255MiB"), null))
                .withMessage("memory must be 256MiB to 1TiB, got: 255MiB");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Resources(null, null, ByteSize.parse("17TiB")))
                .withMessage("disk must be 1GiB to 16TiB, got: 17TiB");
    }
}
