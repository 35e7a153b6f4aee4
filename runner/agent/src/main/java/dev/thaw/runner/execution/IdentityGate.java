package dev.thaw.runner.execution;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.GuestIdentity;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.guest.Identity;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.template.Digests;
import dev.thaw.runner.template.Template;

/** What every guest goes through before anything of a job is in it. */
final class IdentityGate {
    private IdentityGate() {}

    /**
     * Gives a guest a time, randomness and names of its own, for this job.
     *
     * @throws RunnerException {@code RESTORE} if it cannot confirm them, or was not restored from this template
     */
    static void pass(GuestSession session, JobId id, Template template, Deadline deadline)
            throws RunnerException, InterruptedException {
        GuestIdentity identity = session.identify(Identity.random("thaw-" + id), deadline);
        // A guest that was booted, or restored from something else, does not know the number.
        if (!Digests.sha256(identity.bootNonce()).equals(template.nonceSha256())) {
            throw new RunnerException(Fault.RESTORE, "the guest was not restored from the template's snapshot");
        }
    }
}
