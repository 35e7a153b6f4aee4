package dev.thaw.runner.execution;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.Step;
import java.util.Optional;

/** Where a job's steps run, and how. */
interface Steps {
    /**
     * Runs a step to its end. Empty when the deadline passes before; {@code started} is called when its process is
     * there.
     */
    Optional<ExecOutcome> run(Step step, JobStreams streams, Runnable started, Deadline deadline)
            throws RunnerException, InterruptedException;
}
