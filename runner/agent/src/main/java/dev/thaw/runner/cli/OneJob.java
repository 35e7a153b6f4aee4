package dev.thaw.runner.cli;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import picocli.CommandLine.Parameters;

/** The job that a command is about. */
final class OneJob {
    @Parameters(paramLabel = "ID", description = "the job")
    private String text = "";

    JobId id() throws RunnerException {
        try {
            return new JobId(text);
        } catch (IllegalArgumentException e) {
            throw new RunnerException(Fault.USAGE, String.valueOf(e.getMessage()), e);
        }
    }
}
