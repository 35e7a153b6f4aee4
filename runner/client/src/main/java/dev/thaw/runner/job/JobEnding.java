package dev.thaw.runner.job;

import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.util.Map;
import java.util.Optional;

/**
 * How a job ended, whether its guest ran or not: what stands in its record, and what a client is told last.
 *
 * @param outcome the word of a {@link JobOutcome}, or {@code fault}, or {@code interrupted}
 * @param exitCode what {@code runner exec} ends with
 * @param fault why the runner could not do its part; empty if it could
 * @param artifacts what became of them
 * @param timings the phases that were reached
 * @param machine what it ran on; empty if it came to no guest
 * @param workspaceSha256 digest of the archive the guest was given; empty if there was none, or not all of it
 */
public record JobEnding(
        String outcome,
        int exitCode,
        Optional<FaultReport> fault,
        ArtifactReport artifacts,
        Timings timings,
        Optional<RanOn> machine,
        Optional<String> workspaceSha256) {
    /** The outcome of a job that the runner failed. */
    public static final String FAULT = "fault";
    /** The outcome of a job whose agent died. */
    public static final String INTERRUPTED = "interrupted";

    /**
     * What a job ran on.
     *
     * @param templateKey digest of everything its snapshot depends on
     * @param accelerator {@code kvm} or {@code tcg}
     */
    public record RanOn(String templateKey, String accelerator) {}

    /** Of a job whose guest ran. */
    public static JobEnding of(JobResult result) {
        return new JobEnding(
                result.outcome().word(),
                result.exitCode(),
                Optional.empty(),
                result.artifacts(),
                result.timings(),
                Optional.of(new RanOn(result.templateKey(), result.accelerator())),
                result.workspaceSha256());
    }

    /** Of a job that the runner failed. */
    public static JobEnding of(RunnerException e, Timings timings) {
        return failed(FAULT, FaultReport.of(e), timings);
    }

    /** Of a job that was cancelled before it had a guest. */
    public static JobEnding cancelled() {
        return new JobEnding(
                new JobOutcome.Cancelled().word(),
                ExitCode.CANCELLED.code(),
                Optional.empty(),
                ArtifactReport.NONE,
                new Timings(Map.of()),
                Optional.empty(),
                Optional.empty());
    }

    /** Of a job that was running when its agent died. */
    public static JobEnding interrupted(String message) {
        return failed(INTERRUPTED, new FaultReport(Fault.INTERRUPTED, message), new Timings(Map.of()));
    }

    private static JobEnding failed(String outcome, FaultReport fault, Timings timings) {
        return new JobEnding(
                outcome,
                ExitCode.RUNNER_FAULT.code(),
                Optional.of(fault),
                ArtifactReport.NONE,
                timings,
                Optional.empty(),
                Optional.empty());
    }
}
