package dev.thaw.runner.execution;

import dev.thaw.runner.job.JobOutcome;

/** Somebody who wants to look at a guest in which a build has failed, before it is discarded. */
public interface Keeper {
    /** Lets every guest go. */
    Keeper NONE = (outcome, guest) -> {};

    /**
     * Called when a job's steps have ended, and not well; the guest is discarded when this returns. An interrupt ends
     * the keeping and does not change the outcome.
     */
    void keep(JobOutcome outcome, KeptGuest guest) throws InterruptedException;
}
