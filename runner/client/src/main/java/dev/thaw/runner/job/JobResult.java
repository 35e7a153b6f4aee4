package dev.thaw.runner.job;

import java.util.List;
import java.util.Optional;

/**
 * How a job ended, and on what: the template's key and the accelerator belong to every record of it.
 *
 * @param workspaceSha256 digest of the archive the guest was given; empty if there was none, or not all of it
 * @param remarks what a person may want to know about the workspace: a sentence each
 */
public record JobResult(
        JobId id,
        JobOutcome outcome,
        ArtifactReport artifacts,
        Timings timings,
        String templateKey,
        String accelerator,
        Optional<String> workspaceSha256,
        List<String> remarks) {
    public JobResult {
        remarks = List.copyOf(remarks);
    }

    /** What {@code runner exec} exits with: the outcome's code, unless the build is green and its artifacts are not here. */
    public int exitCode() {
        return artifacts.exitCode(outcome.exitCode());
    }
}
