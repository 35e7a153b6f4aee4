package dev.thaw.runner.job;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Takes the time of a job's phases; any thread may mark one. */
public final class Stopwatch {
    private final long claimNanos = System.nanoTime();
    private final Map<Phase, Long> nanos = new ConcurrentHashMap<>();

    private Stopwatch() {}

    /** Starts at the claim, which is now. */
    public static Stopwatch start() {
        return new Stopwatch();
    }

    /** Notes that the phase was reached now; a phase that was marked before keeps its first time. */
    public void mark(Phase phase) {
        nanos.putIfAbsent(phase, System.nanoTime() - claimNanos);
    }

    /** What was marked up to now. */
    public Timings timings() {
        var millis = new EnumMap<Phase, Double>(Phase.class);
        nanos.forEach((phase, value) -> millis.put(phase, value / 1e6));
        return new Timings(millis);
    }
}
