package dev.thaw.runner.execution;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.vm.Restorer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Guests that were restored before anybody asked for them, and guests restored now where none of those waits. Each is
 * used once. Whoever wants some to wait has them prepared: by itself this holds none.
 */
public final class StandbyGuests implements GuestSource, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StandbyGuests.class.getName());
    /** A hundred times what it takes under emulation; a guest that needs longer is restored anew instead. */
    private static final Duration WAKING = Duration.ofSeconds(5);

    private final GuestSource restored;
    private final Standby.Source source;
    private final List<Standby> waiting = new ArrayList<>();
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong misses = new AtomicLong();
    private volatile Runnable changed = () -> {};
    private boolean closed;

    /**
     * Holds no guests yet.
     *
     * @param restored where guests come from when none waits
     */
    public StandbyGuests(GuestSource restored, Restorer restorer) {
        this(restored, template -> PausedGuest.prepare(restorer, template));
    }

    StandbyGuests(GuestSource restored, Standby.Source source) {
        this.restored = restored;
        this.source = source;
    }

    /** A guest that waits, if there is one of this very snapshot, else one that is restored now. */
    @Override
    public Guest claim(JobId id, Template template, long diskBytes, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException {
        try {
            Optional<Standby> standby = take(template);
            Optional<Guest> guest =
                    standby.isEmpty() ? Optional.empty() : wake(standby.get(), id, diskBytes, deadline, stopwatch);
            (guest.isPresent() ? hits : misses).incrementAndGet();
            return guest.isPresent() ? guest.get() : restored.claim(id, template, diskBytes, deadline, stopwatch);
        } finally {
            tell();
        }
    }

    /** The one that has waited longest, no longer among those that wait. */
    private synchronized Optional<Standby> take(Template template) {
        Optional<Standby> first = waiting.stream()
                .filter(standby -> standby.template().equals(template) && standby.alive())
                .findFirst();
        first.ifPresent(waiting::remove);
        return first;
    }

    /** Empty if it does not wake as it should: it is gone then, and the job can have another. */
    private static Optional<Guest> wake(
            Standby standby, JobId id, long diskBytes, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException {
        try {
            return Optional.of(standby.wake(id, diskBytes, deadline.atMost(WAKING), stopwatch));
        } catch (RunnerException e) {
            standby.close();
            if (deadline.passed()) {
                throw e;
            }
            LOG.log(System.Logger.Level.WARNING, "a standby guest did not wake: {0}", e.getMessage());
            return Optional.empty();
        } catch (InterruptedException | RuntimeException e) {
            standby.close();
            throw e;
        }
    }

    /** Restores one more of this template and has it wait. */
    public void prepare(Template template) throws RunnerException, InterruptedException {
        Standby standby = source.prepare(template);
        if (add(standby)) {
            standby.whenGone(this::tell);
        } else {
            standby.close();
        }
    }

    private synchronized boolean add(Standby standby) {
        return !closed && waiting.add(standby);
    }

    /** The templates of those that wait, each as often as there are guests of it. */
    public synchronized List<Template> waiting() {
        return waiting.stream().map(Standby::template).toList();
    }

    /** Discards the one of a template that has waited least; nothing happens if there is none any more. */
    public void drop(Template template) {
        Optional<Standby> last;
        synchronized (this) {
            last = waiting.stream()
                    .filter(standby -> standby.template().equals(template))
                    .reduce((first, second) -> second);
            last.ifPresent(waiting::remove);
        }
        last.ifPresent(Standby::close);
    }

    /** Discards what is left of those that ended by themselves; how many there were. */
    public int dropDead() {
        List<Standby> dead;
        synchronized (this) {
            dead = waiting.stream().filter(standby -> !standby.alive()).toList();
            waiting.removeAll(dead);
        }
        dead.forEach(Standby::close);
        return dead.size();
    }

    /** How many jobs found one that waited. */
    public long hits() {
        return hits.get();
    }

    /** How many did not. */
    public long misses() {
        return misses.get();
    }

    /** Has somebody told, in a hurry, when a job has come for a guest or one that waited is gone. */
    public void whenChanged(Runnable told) {
        changed = told;
    }

    private void tell() {
        changed.run();
    }

    /** Discards all that wait; nobody waits here from now on. */
    @Override
    public void close() {
        List<Standby> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(waiting);
            waiting.clear();
        }
        all.forEach(Standby::close);
    }
}
