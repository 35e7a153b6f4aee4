package dev.thaw.runner.execution;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;

/** A guest that waits for a job: restored, exercised and paused. */
interface Standby extends AutoCloseable {
    /** What it was restored from. */
    Template template();

    /** Whether it is still there. */
    boolean alive();

    /** Has somebody told when it is not there any more, for whatever reason. */
    void whenGone(Runnable told);

    /**
     * Makes it a job's guest, with an identity of its own from now on.
     *
     * @throws RunnerException {@code RESTORE} or {@code GUEST_LOST}; it has to be closed then
     */
    Guest wake(JobId id, long diskBytes, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException;

    @Override
    void close();

    /** Makes guests that wait. */
    interface Source {
        /** One more; nothing is left if there is none. */
        Standby prepare(Template template) throws RunnerException, InterruptedException;
    }
}
