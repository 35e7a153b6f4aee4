package dev.thaw.runner.job;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ObjDoubleConsumer;

/** Takes the time of a job's phases; any thread may mark one. */
public final class Stopwatch {
    private final long claimNanos = System.nanoTime();
    private final Map<Phase, Long> nanos = new ConcurrentHashMap<>();

    private final ObjDoubleConsumer<Phase> listener;

    private Stopwatch(ObjDoubleConsumer<Phase> listener) {
        this.listener = listener;
    }

    /** Starts at the claim, which is now. */
    public static Stopwatch start() {
        return start((phase, millis) -> {});
    }

    /** As {@link #start()}; the listener is told of each phase and its milliseconds by whoever marks it. */
    public static Stopwatch start(ObjDoubleConsumer<Phase> listener) {
        return new Stopwatch(listener);
    }

    /** Notes that the phase was reached now; a phase that was marked before keeps its first time. */
    public void mark(Phase phase) {
        long now = System.nanoTime() - claimNanos;
        if (nanos.putIfAbsent(phase, now) == null) {
            listener.accept(phase, now / 1e6);
        }
    }

    /** What was marked up to now. */
    public Timings timings() {
        var millis = new EnumMap<Phase, Double>(Phase.class);
        nanos.forEach((phase, value) -> millis.put(phase, value / 1e6));
        return new Timings(millis);
    }
}
