package dev.thaw.runner.api;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How fast those who follow jobs that run are told, all together: telling takes the CPUs that the jobs need. Whoever is
 * slower than a job hears the rest when that is over. For any thread.
 */
final class FollowersPace {
    /**
     * For each of the host's processors. Ten followers at twice that cost a job that prints as fast as it can 13 % of its
     * time in one run (TCG, 2 cores that others used, too).
     */
    private static final double BYTES_A_SECOND = 8 << 20;

    /** So much may come at once after a silence: what most builds print is never held up. */
    private static final long BURST_NANOS = 200_000_000;
    /** Shorter ones are saved up. */
    private static final long SHORTEST_NANOS = 20_000_000;

    private final double bytesASecond;
    private final LongSupplier nanoClock;
    private final AtomicLong due;

    FollowersPace() {
        this(Runtime.getRuntime().availableProcessors(), System::nanoTime);
    }

    FollowersPace(int processors, LongSupplier nanoClock) {
        bytesASecond = processors * BYTES_A_SECOND;
        this.nanoClock = nanoClock;
        due = new AtomicLong(nanoClock.getAsLong() - BURST_NANOS);
    }

    /** How long whoever was told so many bytes is to rest now. */
    Duration restAfter(long bytes) {
        long now = nanoClock.getAsLong();
        long earned = now - BURST_NANOS;
        long cost = (long) (bytes * 1e9 / bytesASecond);
        long rest = due.updateAndGet(before -> (before - earned < 0 ? earned : before) + cost) - now;
        return rest < SHORTEST_NANOS ? Duration.ZERO : Duration.ofNanos(rest);
    }
}
