package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.fault.Fault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArtifactReportTest {
    private static final ArtifactReport REFUSED = new ArtifactReport.Refused(Fault.ARTIFACTS, "no", List.of());
    private static final ArtifactReport COLLECTED = new ArtifactReport.Collected(1, 2, List.of("nothing matches x"));

    @Test
    void aGreenBuildWithoutItsArtifactsIsNotGreen() {
        assertThat(exitCode(new JobOutcome.Finished(0), REFUSED)).isEqualTo(125);
        assertThat(exitCode(new JobOutcome.Finished(0), COLLECTED)).isZero();
        assertThat(exitCode(new JobOutcome.Finished(0), ArtifactReport.NONE)).isZero();
    }

    @Test
    void whatIsNotGreenKeepsItsCode() {
        assertThat(exitCode(new JobOutcome.Finished(3), REFUSED)).isEqualTo(3);
        assertThat(exitCode(new JobOutcome.Finished(3), COLLECTED)).isEqualTo(3);
        assertThat(exitCode(new JobOutcome.Cancelled(), REFUSED)).isEqualTo(130);
        assertThat(exitCode(new JobOutcome.TimedOut(java.time.Duration.ofMinutes(1)), REFUSED))
                .isEqualTo(124);
    }

    private static int exitCode(JobOutcome outcome, ArtifactReport artifacts) {
        return new JobResult(
                        JobId.random(),
                        outcome,
                        artifacts,
                        new Timings(Map.of()),
                        "key",
                        "tcg",
                        java.util.Optional.empty(),
                        java.util.List.of())
                .exitCode();
    }
}
