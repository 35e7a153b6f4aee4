package dev.thaw.runner.cli;

import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.JobOutcome;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.Phase;
import java.nio.file.Path;

/** What {@code runner exec} says of a job that has ended, beside its output. */
record ExecReport(Console console, boolean json) {
    /** Says it; {@code out} is where artifacts went, as the user knows it. */
    void say(JobResult result, Path out) {
        result.remarks().forEach(remark -> console.say("workspace: " + remark));
        sayOf(result.artifacts(), out);
        summarise(result);
    }

    private void sayOf(ArtifactReport report, Path out) {
        report.notes().forEach(note -> console.say("artifacts: " + note));
        if (report instanceof ArtifactReport.Refused refused) {
            console.say(refused.fault().label() + ": " + refused.reason());
        } else if (report instanceof ArtifactReport.Collected collected && collected.count() > 0 && forAPerson()) {
            console.say("artifacts: " + collected.count() + " in " + out);
        }
    }

    private void summarise(JobResult result) {
        if (result.outcome() instanceof JobOutcome.TimedOut timedOut) {
            console.say("out of time after " + timedOut.limit().toSeconds() + " s; the guest was destroyed");
        } else if (result.outcome() instanceof JobOutcome.Cancelled) {
            console.say("cancelled; the guest was destroyed");
        } else if (forAPerson()) {
            console.say(String.format(
                    "%s in %.1f s; its machine was ready after %.2f s (%s) and is gone; again: runner exec --from %s",
                    result.exitCode() == ExitCode.OK.code() ? "green" : "red",
                    result.timings().at(Phase.DISCARDED).orElse(0) / 1000,
                    result.timings().at(Phase.IDENTITY).orElse(0) / 1000,
                    result.accelerator(),
                    result.id()));
        }
    }

    /** A pipe gets what the build says and nothing else. */
    private boolean forAPerson() {
        return console.terminal() && !json;
    }
}
