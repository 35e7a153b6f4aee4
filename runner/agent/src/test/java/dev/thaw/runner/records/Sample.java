package dev.thaw.runner.records;

import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.GitSource;
import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.Step;
import dev.thaw.runner.job.Timings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Values that tests of records need. */
final class Sample {
    static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");
    static final JobSpec SPEC = JobSpec.DEFAULT
            .withEnv(Map.of("GREETING", "good \"morning\" \u00e9\u0001"))
            .withSteps(List.of(Step.script("say", "echo hello")));
    static final JobEnding GREEN = new JobEnding(
            "finished",
            0,
            Optional.empty(),
            new ArtifactReport.Collected(2, 70, List.of("a note")),
            new Timings(Map.of(Phase.IDENTITY, 170.5, Phase.DISCARDED, 900.0)),
            Optional.of(new JobEnding.RanOn("abc", "tcg")),
            Optional.of("def"));

    private Sample() {}

    static Submission submission(String id, String token, boolean archive) {
        return new Submission(
                new JobId(id),
                new Submission.Owner(token, "name of " + token),
                SPEC,
                archive,
                Optional.empty(),
                0,
                false,
                Interaction.NONE,
                NOON,
                NOON.plusSeconds(600),
                Optional.empty());
    }

    static Submission submission(String id, String token, String key, String digest) {
        Submission plain = submission(id, token, false);
        return new Submission(
                plain.id(),
                plain.owner(),
                plain.spec(),
                false,
                Optional.of(
                        new GitSource(GitAddress.parse("https://git.example.org/a.git#main"), Optional.of("reader"))),
                7,
                true,
                new Interaction(
                        true,
                        Optional.of(new Interaction.Window("vt220", 24, 80)),
                        Optional.of(new Interaction.Hold(Interaction.When.FAILED, Duration.ofMinutes(5)))),
                plain.submitted(),
                plain.startBy(),
                Optional.of(new Submission.Idempotency(key, digest)));
    }
}
