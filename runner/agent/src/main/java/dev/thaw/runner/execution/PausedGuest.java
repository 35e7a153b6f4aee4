package dev.thaw.runner.execution;

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

/**
 * A machine whose CPUs stand still, and a session with it that has begun and has no identity yet.
 *
 * @param template what it was restored from
 * @param vm the machine
 * @param session in which the job's identity will be the first that is said
 */
record PausedGuest(Template template, MicroVm vm, GuestSession session) implements Standby {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** Restores a guest, exercises it and has it wait. */
    static PausedGuest prepare(Restorer restorer, Template template) throws RunnerException, InterruptedException {
        Deadline deadline = Deadline.in(LIMIT);
        // Not a job's name: which job it will be is not known, and its directory keeps the name to the end.
        String name = "standby-" + JobId.random();
        MicroVm vm = restorer.restore(name, template, template.diskBytes(), deadline, Stopwatch.start());
        try {
            GuestSession session = GuestSession.open(vm.guestSocket(), deadline);
            try {
                Exercise.run(session, deadline);
                // Before the pause: at the claim that is one exchange less.
                session.beginAgain(deadline);
                vm.pause(deadline);
                return new PausedGuest(template, vm, session);
            } catch (RunnerException e) {
                session.close();
                throw vm.explained(e);
            } catch (InterruptedException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (RunnerException | InterruptedException | RuntimeException e) {
            vm.close();
            throw e;
        }
    }

    @Override
    public boolean alive() {
        return vm.alive();
    }

    @Override
    public void whenGone(Runnable told) {
        var unused = vm.process().onExit().thenRun(told);
    }

    @Override
    public Guest wake(JobId id, long diskBytes, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException {
        vm.resume(deadline);
        stopwatch.mark(Phase.RESUMED);
        if (diskBytes > template.diskBytes()) {
            vm.resizeDisk(diskBytes, deadline);
        }
        IdentityGate.pass(session, id, template, deadline);
        stopwatch.mark(Phase.IDENTITY);
        return new Guest(vm, session);
    }

    @Override
    public void close() {
        vm.kill();
        session.close();
        vm.close();
    }
}
