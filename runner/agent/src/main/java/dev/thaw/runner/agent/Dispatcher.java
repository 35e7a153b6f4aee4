package dev.thaw.runner.agent;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.admission.FairQueue;
import dev.thaw.runner.admission.HostBudget;
import dev.thaw.runner.admission.Lease;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.records.JobRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets jobs run, each in its turn and on its part of the host. A job is at one place at a time: it awaits its workspace,
 * waits, or runs; whoever takes it from there decides alone what becomes of it.
 */
final class Dispatcher implements AutoCloseable {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<JobId, Waiting> awaited = new HashMap<>();
    private final Map<JobId, Waiting> waiting = new HashMap<>();
    private final Map<JobId, Thread> running = new HashMap<>();
    private final FairQueue<JobId> queue = new FairQueue<>();
    private final HostBudget budget;
    private final Runs runs;
    private final Thread thread = new Thread(this::dispatch, "dispatcher");
    private boolean draining;
    private boolean closed;

    /** What becomes of jobs. */
    interface Runs {
        /** Runs one on a thread of its own, to its end. */
        void run(JobRecord job);

        /** Ends one whose time to begin is over. */
        void expire(JobRecord job);
    }

    /**
     * A job that does not run yet.
     *
     * @param startBy when it is too late to begin
     */
    record Waiting(JobRecord job, Demand demand, Deadline startBy) {}

    Dispatcher(Demand total, Runs runs) {
        this.budget = new HostBudget(total, this::wake);
        this.runs = runs;
    }

    void start() {
        thread.start();
    }

    /** Jobs may have this much of the host. */
    Demand total() {
        return budget.total();
    }

    /** Jobs have this much of the host. */
    Demand used() {
        return budget.used();
    }

    /** A job whose workspace is to come. */
    void await(Waiting job) {
        locked(() -> {
            awaited.put(id(job), job);
            changed.signalAll();
        });
    }

    /** Whether a job's workspace is to come. */
    boolean awaits(JobId id) {
        lock.lock();
        try {
            return awaited.containsKey(id);
        } finally {
            lock.unlock();
        }
    }

    /** A job's workspace is here; false if it is not awaited any more. */
    boolean arrived(JobId id) {
        lock.lock();
        try {
            Waiting job = awaited.remove(id);
            if (job != null) {
                enqueue(job);
            }
            return job != null;
        } finally {
            lock.unlock();
        }
    }

    /** A job waits for its turn. */
    void enqueue(Waiting job) {
        locked(() -> {
            waiting.put(id(job), job);
            queue.add(new FairQueue.Ticket<>(
                    id(job),
                    job.job().submission().owner().token(),
                    job.job().submission().priority(),
                    job.job().number()));
            changed.signalAll();
        });
    }

    /** Takes a job that does not run yet: it never will. One that runs is interrupted, and ends by itself. */
    Optional<JobRecord> cancel(JobId id) {
        lock.lock();
        try {
            Thread runner = running.get(id);
            if (runner != null) {
                runner.interrupt();
                return Optional.empty();
            }
            return Optional.ofNullable(taken(id)).map(Waiting::job);
        } finally {
            lock.unlock();
        }
    }

    int runningCount() {
        lock.lock();
        try {
            return running.size();
        } finally {
            lock.unlock();
        }
    }

    int waitingCount() {
        lock.lock();
        try {
            return awaited.size() + waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many jobs could run, if there were room for them. */
    int queuedCount() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets nobody begin any more, and waits for who runs; who still does at the deadline is interrupted.
     *
     * @param interrupting told before anybody is
     */
    void drain(Deadline deadline, Runnable interrupting) throws InterruptedException {
        lock.lock();
        try {
            draining = true;
            changed.signalAll();
            while (!running.isEmpty() && !deadline.passed()) {
                changed.await(deadline.leftMillis(), TimeUnit.MILLISECONDS);
            }
            interrupting.run();
            running.values().forEach(Thread::interrupt);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nobody runs; false if somebody still does at the deadline. */
    boolean awaitIdle(Deadline deadline) throws InterruptedException {
        lock.lock();
        try {
            while (!running.isEmpty()) {
                if (deadline.passed()) {
                    return false;
                }
                changed.await(deadline.leftMillis(), TimeUnit.MILLISECONDS);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        locked(() -> {
            closed = true;
            changed.signalAll();
        });
    }

    private void dispatch() {
        while (true) {
            List<Waiting> late = new ArrayList<>();
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                late(late);
                if (late.isEmpty() && !startNext()) {
                    changed.await(untilNext().toMillis() + 1, TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException e) {
                return;
            } finally {
                lock.unlock();
            }
            late.forEach(job -> runs.expire(job.job()));
        }
    }

    private void late(List<Waiting> late) {
        var all = new ArrayList<>(awaited.values());
        all.addAll(waiting.values());
        for (Waiting job : all) {
            if (job.startBy().passed()) {
                taken(id(job));
                late.add(job);
            }
        }
    }

    private Duration untilNext() {
        Duration least = LOOK_AGAIN;
        for (Map<JobId, Waiting> place : List.of(awaited, waiting)) {
            for (Waiting job : place.values()) {
                Duration left = job.startBy().left();
                least = left.compareTo(least) < 0 ? left : least;
            }
        }
        return least;
    }

    /** Starts the job whose turn it is, if there is room for it. */
    private boolean startNext() {
        Optional<JobId> head = draining ? Optional.empty() : queue.head();
        if (head.isEmpty()) {
            return false;
        }
        Waiting job = waiting.get(head.get());
        if (job == null) {
            throw new IllegalStateException("job " + head.get() + " is in the queue and does not wait");
        }
        Optional<Lease> lease = budget.lease(job.demand());
        if (lease.isEmpty()) {
            return false;
        }
        queue.start();
        waiting.remove(id(job));
        var runner = new Thread(() -> run(job.job(), lease.get()), "job-" + id(job));
        running.put(id(job), runner);
        runner.start();
        return true;
    }

    private void run(JobRecord job, Lease lease) {
        try (lease) {
            runs.run(job);
        } finally {
            locked(() -> {
                running.remove(job.submission().id());
                queue.ended(job.submission().owner().token());
                changed.signalAll();
            });
        }
    }

    private @Nullable Waiting taken(JobId id) {
        queue.remove(id);
        Waiting awaitedOne = awaited.remove(id);
        return awaitedOne != null ? awaitedOne : waiting.remove(id);
    }

    private void wake() {
        locked(changed::signalAll);
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    private static JobId id(Waiting job) {
        return job.job().submission().id();
    }
}
