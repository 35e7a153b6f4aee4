package dev.thaw.runner.job;

/** How a job ended, and on what: the template's key and the accelerator belong to every record of it. */
public record JobResult(
        JobId id,
        JobOutcome outcome,
        ArtifactReport artifacts,
        Timings timings,
        String templateKey,
        String accelerator) {
    /** What {@code runner exec} exits with: the outcome's code, unless the build is green and its artifacts are not here. */
    public int exitCode() {
        return artifacts.exitCode(outcome.exitCode());
    }
}
