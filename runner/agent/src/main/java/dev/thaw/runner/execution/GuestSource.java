package dev.thaw.runner.execution;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;

/** Where jobs get their guests from. */
public interface GuestSource {
    /**
     * A guest that no job has had before and none will have after.
     *
     * @param diskBytes size of its disk, the template's or more
     * @throws RunnerException {@code RESTORE} if there is none to be had; nothing is left then
     */
    Guest claim(JobId id, Template template, long diskBytes, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException;
}
