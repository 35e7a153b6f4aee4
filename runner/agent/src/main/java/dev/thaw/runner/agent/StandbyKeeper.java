package dev.thaw.runner.agent;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps as many guests waiting as are wanted and as there is room for. Jobs come first: guests that wait have what of
 * the budget no job has, go when a job takes it or the host's memory runs short, and are not made while jobs wait.
 */
final class StandbyKeeper implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StandbyKeeper.class.getName());
    /** How often it is looked whether a template has changed or memory has become short. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);
    /** After a fault: the next attempt would likely end the same way. */
    private static final Duration AFTER_FAULT = Duration.ofMinutes(1);
    /** As long as making one may take at worst; who is not done by then is the next start's to reap. */
    private static final Duration LAST_ONE = Duration.ofSeconds(20);

    private final StandbyStock stock;
    private final Room room;
    private final Duration settling;
    private final Map<StandbyWish, Size> wishes = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread = new Thread(this::keep, "standby");
    private Deadline refill = Deadline.in(Duration.ZERO);
    private boolean told = true;
    private boolean closed;

    /** What there is of the host for guests that wait. */
    interface Room {
        /** Memory of the budget that no job has. */
        ByteSize leftOfBudget();

        /** Whether the host has this much memory available, beyond what is to stay free in any case. */
        boolean spares(ByteSize memory);

        /** Whether jobs wait for their turn: they need the CPUs more. */
        boolean jobsWait();
    }

    /**
     * Keeps none before it is started.
     *
     * @param settling how long a claim is left alone before its guest is replaced: making one takes the CPUs that the
     *     job starts on
     * @throws RunnerException if there is no such template, or none of that size
     */
    StandbyKeeper(List<StandbyWish> wishes, StandbyStock stock, Room room, Duration settling) throws RunnerException {
        this.stock = stock;
        this.room = room;
        this.settling = settling;
        for (StandbyWish wish : wishes) {
            this.wishes.put(wish, stock.size(wish.template(), wish.size()));
        }
        stock.whenChanged(this::changed);
    }

    void start() {
        if (!wishes.isEmpty()) {
            thread.start();
        }
    }

    /** What is wanted, and how large it is. */
    Map<StandbyWish, Size> wishes() {
        return Collections.unmodifiableMap(wishes);
    }

    /** How many guests of a template and size wait. */
    int waiting(String template, Size size) {
        return (int) stock.waiting().stream()
                .filter(guest -> guest.name().equals(template) && guest.size().equals(size))
                .count();
    }

    private void changed() {
        lock.lock();
        try {
            told = true;
            if (refill.passed()) {
                refill = Deadline.in(settling);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void keep() {
        try {
            while (awaitWork()) {
                while (step()) {
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            "{0} guests wait",
                            stock.waiting().size());
                }
            }
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, "keeping guests on standby was interrupted");
        }
    }

    /** False if there is none any more. */
    private boolean awaitWork() throws InterruptedException {
        lock.lock();
        try {
            Deadline look = refill.passed() ? Deadline.in(LOOK_AGAIN) : refill.atMost(LOOK_AGAIN);
            while (!told && !closed && !look.passed()) {
                changed.await(look.leftMillis(), TimeUnit.MILLISECONDS);
            }
            told = false;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Makes or discards one guest, if one is missing or too many; false if all is as it should be, or can be now. */
    boolean step() throws InterruptedException {
        int dead = stock.dropDead();
        if (dead > 0) {
            LOG.log(System.Logger.Level.WARNING, "{0} guests on standby ended by themselves", dead);
        }
        Map<Template, Integer> wanted = wanted();
        Optional<Template> surplus = surplus(wanted);
        if (surplus.isPresent()) {
            stock.drop(surplus.get());
            return true;
        }
        Optional<Template> missing = mayRefill() ? missing(wanted) : Optional.empty();
        return missing.isPresent() && prepared(missing.get());
    }

    private Map<Template, Integer> wanted() throws InterruptedException {
        var wanted = new LinkedHashMap<Template, Integer>();
        for (Map.Entry<StandbyWish, Size> wish : wishes.entrySet()) {
            try {
                stock.published(wish.getKey().template(), wish.getValue())
                        .ifPresent(
                                template -> wanted.merge(template, wish.getKey().count(), Integer::sum));
            } catch (RunnerException e) {
                // A job that wants it will hear the same.
                LOG.log(
                        System.Logger.Level.WARNING,
                        "no guests of {0} on standby: {1}",
                        wish.getKey().template(),
                        e.getMessage());
            }
        }
        return wanted;
    }

    /** One that is of an old template, more than wanted, or more than there is room for: the least wanted first. */
    private Optional<Template> surplus(Map<Template, Integer> wanted) {
        List<Template> waiting = stock.waiting();
        for (Template template : waiting) {
            if (Collections.frequency(waiting, template) > wanted.getOrDefault(template, 0)) {
                return Optional.of(template);
            }
        }
        boolean tooMany = memory(waiting) > room.leftOfBudget().bytes() || !room.spares(new ByteSize(0));
        var byRank = new ArrayList<>(wanted.keySet());
        byRank.retainAll(waiting);
        return tooMany && !byRank.isEmpty() ? Optional.of(byRank.get(byRank.size() - 1)) : Optional.empty();
    }

    private boolean mayRefill() {
        lock.lock();
        try {
            return !closed && refill.passed() && !room.jobsWait();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Template> missing(Map<Template, Integer> wanted) {
        List<Template> waiting = stock.waiting();
        long left = room.leftOfBudget().bytes() - memory(waiting);
        return wanted.entrySet().stream()
                .filter(entry -> Collections.frequency(waiting, entry.getKey()) < entry.getValue())
                .map(Map.Entry::getKey)
                .filter(template -> template.size().memory().bytes() <= left
                        && room.spares(template.size().memory()))
                .findFirst();
    }

    private boolean prepared(Template template) throws InterruptedException {
        try {
            stock.prepare(template);
            return true;
        } catch (RunnerException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cannot put a guest of {0} on standby: {1}",
                    template.name(),
                    e.getMessage());
            lock.lock();
            try {
                refill = Deadline.in(AFTER_FAULT);
            } finally {
                lock.unlock();
            }
            return false;
        }
    }

    private static long memory(List<Template> guests) {
        return guests.stream()
                .mapToLong(template -> template.size().memory().bytes())
                .sum();
    }

    /** Discards all that wait, and makes no more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        stock.close();
        try {
            // Not interrupted: half a guest would be left to the reaper, and this is over in less than a second.
            thread.join(LAST_ONE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
