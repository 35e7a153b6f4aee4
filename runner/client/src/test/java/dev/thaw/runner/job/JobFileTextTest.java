package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobFileTextTest {
    private static final JobSpec EVERYTHING = new JobSpec(
            "java",
            new Resources(4, ByteSize.parse("4GiB"), ByteSize.parse("16GiB")),
            Duration.ofSeconds(95),
            Map.of("QUOTES", "a\"b'c: #d\n- e\t\\ ✓ \u0001", "EMPTY", "", "TRUE", "true"),
            "root",
            new ContainerSpec(
                    ImageReference.parse("registry.example:5000/a/b:1"),
                    PullPolicy.ALWAYS,
                    ImageEntrypoint.IMAGE,
                    null),
            List.of(
                    Step.script("build", "set -x\nmake -j2 # all\n"),
                    new Step("command", List.of("printf", "%s\\n", "", "- a: b", "null", "~"))),
            List.of(ArtifactGlob.parse("target/**/*.{xml,txt}"), ArtifactGlob.parse("a b[!c]")));

    @Test
    void everyPartOfASpecIsReadBack() throws Exception {
        assertThat(JobFile.parse(JobFile.format(EVERYTHING), "record")).isEqualTo(EVERYTHING);
    }

    /** Else the test above would not see a part that is left out. */
    @Test
    void everyPartOfThatSpecDiffersFromTheDefault() throws Exception {
        for (var part : JobSpec.class.getRecordComponents()) {
            assertThat(part.getAccessor().invoke(EVERYTHING))
                    .as(part.getName())
                    .isNotEqualTo(part.getAccessor().invoke(JobSpec.DEFAULT));
        }
    }

    @Test
    void theUserOfAContainerIsReadBackToo() throws Exception {
        JobSpec spec = JobSpec.DEFAULT.withContainer(
                new ContainerSpec(ImageReference.parse("node"), PullPolicy.NEVER, ImageEntrypoint.NONE, "1000:1000"));
        assertThat(JobFile.parse(JobFile.format(spec), "record")).isEqualTo(spec);
    }

    @Test
    void theDefaultIsReadBackToo() throws Exception {
        assertThat(JobFile.parse(JobFile.format(JobSpec.DEFAULT), "record")).isEqualTo(JobSpec.DEFAULT);
    }

    @Test
    void aStepIsAScriptOrACommandButNotBoth() throws Exception {
        assertThat(JobFile.parse("steps: [{command: [make, -j2]}]", "thaw.yaml").steps())
                .containsExactly(new Step("step 1", List.of("make", "-j2")));
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> JobFile.parse("steps: [{command: [make], run: make}]", "thaw.yaml"))
                .hasMessageContaining("a step has either 'run' or 'command'");
    }
}
