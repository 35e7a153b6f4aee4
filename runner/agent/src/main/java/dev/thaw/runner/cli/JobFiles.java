package dev.thaw.runner.cli;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobFile;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Step;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What to run, from the file and from the line. */
final class JobFiles {
    private JobFiles() {}

    /** The file's job; a file that nobody asked for by name need not be there. */
    static JobSpec read(Path file, boolean asked) throws RunnerException {
        if (Files.exists(file)) {
            return JobFile.parse(file);
        }
        if (asked) {
            throw new RunnerException(Fault.USAGE, "there is no job file " + file);
        }
        return JobSpec.DEFAULT;
    }

    /** The command on the line as a job's only step. */
    static Step commandStep(List<String> command) {
        return new Step("command", command);
    }
}
