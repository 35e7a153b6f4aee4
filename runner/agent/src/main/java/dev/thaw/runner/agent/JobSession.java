package dev.thaw.runner.agent;

import dev.thaw.runner.api.JobDesk;
import dev.thaw.runner.api.Problem;
import dev.thaw.runner.api.ProblemException;
import dev.thaw.runner.api.StepOrder;
import dev.thaw.runner.execution.Attachment;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.execution.Keeper;
import dev.thaw.runner.execution.KeptGuest;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobOutcome;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One job as those have it who take part in it: input for its steps, and more steps while its guest is held. */
final class JobSession implements Keeper {
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Interaction wish;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Seat seat;
    private @Nullable Outputs outputs;
    private @Nullable StepOrder pending;
    private int steps;
    private boolean waiting;
    private boolean released;
    private boolean gone;

    /** Where output and events of the job go. */
    record Outputs(OutputStream stdout, OutputStream stderr, Consumer<JobEvent> events) {}

    JobSession(Interaction wish, Clock clock) {
        this.wish = wish;
        this.clock = clock;
        seat = new Seat(new Attachment(wish), wish.stdin() || wish.terminal().isPresent());
    }

    /** Somebody's place at one step. */
    private static final class Seat implements JobDesk.Attended {
        private final Attachment attachment;
        private final boolean any;
        private final CompletableFuture<Void> over = new CompletableFuture<>();
        private boolean taken;

        Seat(Attachment attachment, boolean any) {
            this.attachment = attachment;
            this.any = any;
        }

        @Override
        public Attachment attachment() {
            return attachment;
        }

        @Override
        public CompletableFuture<Void> over() {
            return over;
        }

        synchronized void take() throws ProblemException {
            if (!any || over.isDone()) {
                throw Problem.CONFLICT.with("there is no step to attach to: none has an input or a terminal now");
            }
            if (taken) {
                throw Problem.CONFLICT.with("somebody else is attached");
            }
            taken = true;
        }

        @Override
        public synchronized void detach() {
            taken = false;
        }

        void end() {
            attachment.breakOff("the step is over");
            over.complete(null);
        }
    }

    /** The job begins; what its own steps are connected to. */
    JobStreams begin(Outputs to) {
        lock.lock();
        try {
            outputs = to;
            return seat.attachment().streams(to.stdout(), to.stderr());
        } finally {
            lock.unlock();
        }
    }

    /** The job is over, however that came. */
    void end() {
        lock.lock();
        try {
            waiting = false;
            released = true;
            seat.end();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A place at the step that runs, or is the next to. */
    JobDesk.Attended attach() throws ProblemException {
        lock.lock();
        try {
            seat.take();
            return seat;
        } finally {
            lock.unlock();
        }
    }

    /** Has the guest run a step; its number. */
    int send(StepOrder order) throws ProblemException {
        lock.lock();
        try {
            if (!waiting || released || pending != null) {
                throw Problem.CONFLICT.with(
                        wish.hold().isEmpty()
                                ? "the job was submitted without 'hold': its steps are those of its spec"
                                : "the job does not wait for a step now; its event 'held' says when it does");
            }
            pending = order;
            seat = new Seat(
                    new Attachment(order.interaction()),
                    order.interaction().stdin()
                            || order.interaction().terminal().isPresent());
            changed.signalAll();
            return ++steps;
        } finally {
            lock.unlock();
        }
    }

    /** No more steps; the one that runs is the last. */
    void release() {
        lock.lock();
        try {
            released = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void extend(KeptGuest guest, Deadline deadline) throws RunnerException, InterruptedException {
        if (wish.heldAlways()) {
            hold(guest, deadline, Optional.empty());
            if (gone) {
                throw new RunnerException(Fault.GUEST_LOST, "the guest went away while it was held");
            }
        }
    }

    @Override
    public void keep(JobOutcome outcome, KeptGuest guest) throws InterruptedException {
        if (wish.hold().isEmpty() || wish.heldAlways() || outcome instanceof JobOutcome.Cancelled) {
            return;
        }
        try {
            hold(guest, Deadline.in(LONGEST), Optional.of(outcome.exitCode()));
        } catch (RunnerException e) {
            // The job's own end stands. What is lost is the looking.
            System.getLogger(JobSession.class.getName())
                    .log(System.Logger.Level.WARNING, "a held guest: {0}", e.getMessage());
        }
    }

    private void hold(KeptGuest guest, Deadline deadline, Optional<Integer> exitCode)
            throws RunnerException, InterruptedException {
        Duration idle = wish.hold().map(Interaction.Hold::idle).orElse(Duration.ZERO);
        Outputs to = outputs();
        seatEnded();
        var unused = guest.gone().thenRun(this::guestGone);
        for (StepOrder order = next(deadline.atMost(idle), to, exitCode);
                order != null;
                order = next(deadline.atMost(idle), to, exitCode)) {
            int number = steps;
            to.events().accept(new JobEvent.StepBegan(number, order.step().name()));
            JobStreams streams = seat.attachment().streams(to.stdout(), to.stderr());
            int code;
            try {
                code = guest.run(order.step().argv(), streams, deadline);
            } finally {
                seatEnded();
            }
            to.events().accept(new JobEvent.StepEnded(number, code));
        }
    }

    private Outputs outputs() {
        lock.lock();
        try {
            if (outputs == null) {
                throw new IllegalStateException("a guest is held before its job began");
            }
            return outputs;
        } finally {
            lock.unlock();
        }
    }

    private void guestGone() {
        lock.lock();
        try {
            gone = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void seatEnded() {
        lock.lock();
        try {
            seat.end();
        } finally {
            lock.unlock();
        }
    }

    /** The next step; null if none has come in time, or none will. */
    private @Nullable StepOrder next(Deadline deadline, Outputs to, Optional<Integer> exitCode)
            throws InterruptedException {
        // Said under the lock: who hears of it and sends a step at once waits for the lock, and is not told no.
        lock.lock();
        try {
            waiting = true;
            if (!released && !gone) {
                to.events().accept(new JobEvent.Held(clock.instant().plus(deadline.left()), exitCode));
            }
            while (pending == null && !released && !gone && !deadline.passed()) {
                changed.await(deadline.leftMillis(), TimeUnit.MILLISECONDS);
            }
            StepOrder order = pending;
            pending = null;
            return gone ? null : order;
        } finally {
            waiting = false;
            lock.unlock();
        }
    }
}
