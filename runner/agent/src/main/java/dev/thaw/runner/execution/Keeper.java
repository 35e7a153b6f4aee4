package dev.thaw.runner.execution;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobOutcome;

/** Somebody who wants a job's guest when its steps have ended, before it is discarded. */
public interface Keeper {
    /** Lets every guest go. */
    Keeper NONE = (outcome, guest) -> {};

    /**
     * Called when a job's steps have ended, before its artifacts are collected; they are when this returns. What is run
     * now belongs to the job, as far as its deadline and a cancellation are concerned; its outcome stands.
     */
    default void extend(KeptGuest guest, Deadline deadline) throws RunnerException, InterruptedException {}

    /**
     * Called when a job has ended, and not well; the guest is discarded when this returns. An interrupt ends the
     * keeping and does not change the outcome.
     */
    void keep(JobOutcome outcome, KeptGuest guest) throws InterruptedException;
}
