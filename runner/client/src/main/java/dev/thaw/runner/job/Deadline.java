package dev.thaw.runner.job;

import java.time.Duration;

/** The instant something must be over by. Setting the wall clock does not move it. */
public final class Deadline {
    // A century: nanoTime may start anywhere, and now + this still does not overflow the difference of two of them.
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final long endNanos;

    private Deadline(long endNanos) {
        this.endNanos = endNanos;
    }

    /** The deadline that is this long from now; a negative length has passed already. */
    public static Deadline in(Duration length) {
        Duration sane = length.compareTo(LONGEST) > 0 ? LONGEST : length.isNegative() ? Duration.ZERO : length;
        return new Deadline(System.nanoTime() + sane.toNanos());
    }

    /** What is left, never negative. */
    public Duration left() {
        return Duration.ofNanos(leftNanos());
    }

    /** What is left in nanoseconds, never negative. */
    public long leftNanos() {
        return Math.max(0, endNanos - System.nanoTime());
    }

    /** What is left in milliseconds, rounded up: 0 only when it has passed, so no wait is asked for too early an end. */
    public long leftMillis() {
        return (leftNanos() + 999_999) / 1_000_000;
    }

    /** Whether nothing is left. */
    public boolean passed() {
        return leftNanos() == 0;
    }

    /** The earlier of this deadline and the one that is this long from now. */
    public Deadline atMost(Duration length) {
        Deadline other = in(length);
        // By difference: values of nanoTime may wrap around.
        return other.endNanos - endNanos < 0 ? other : this;
    }

    @Override
    public String toString() {
        return "in " + left();
    }
}
