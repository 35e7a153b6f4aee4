package dev.thaw.runner.execution;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.vm.MicroVm;
import dev.thaw.runner.vm.Restorer;
import java.time.Duration;

/** Guests restored at the moment they are asked for, each through the identity gate. */
public final class RestoredGuests implements GuestSource {
    private static final System.Logger LOG = System.getLogger(RestoredGuests.class.getName());
    /** A hundred times what a restore takes under emulation. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Restorer restorer;

    public RestoredGuests(Restorer restorer) {
        this.restorer = restorer;
    }

    /** A restore that fails, or cannot confirm its identity, is discarded and tried once more. */
    @Override
    public Guest claim(JobId id, Template template, long diskBytes, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException {
        try {
            return restore(id, template, diskBytes, deadline.atMost(LIMIT), stopwatch);
        } catch (RunnerException e) {
            if (!e.fault().retryable() || e.fault() == Fault.NO_SPACE || deadline.passed()) {
                throw e;
            }
            LOG.log(System.Logger.Level.WARNING, "restoring once more: {0}", e.getMessage());
            return restore(id, template, diskBytes, deadline.atMost(LIMIT), stopwatch);
        }
    }

    private Guest restore(JobId id, Template template, long diskBytes, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException {
        MicroVm vm = restorer.restore(id.value(), template, diskBytes, deadline, stopwatch);
        try {
            GuestSession session = GuestSession.open(vm.guestSocket(), deadline);
            try {
                IdentityGate.pass(session, id, template, deadline);
                stopwatch.mark(Phase.IDENTITY);
                return new Guest(vm, session);
            } catch (RunnerException | InterruptedException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (RunnerException | InterruptedException | RuntimeException e) {
            vm.close();
            throw e;
        }
    }
}
