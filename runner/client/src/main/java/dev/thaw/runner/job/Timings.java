package dev.thaw.runner.job;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;

/** When a job reached each phase: milliseconds since the claim, to a tenth, in the order of {@link Phase}. */
public record Timings(Map<Phase, Double> millis) {
    public Timings {
        var copy = new EnumMap<Phase, Double>(Phase.class);
        millis.forEach((phase, value) -> copy.put(phase, toTenth(value)));
        millis = Collections.unmodifiableMap(copy);
    }

    /** When the phase was reached; empty when it never was. */
    public OptionalDouble at(Phase phase) {
        Double value = millis.get(phase);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private static double toTenth(double millis) {
        if (!(millis >= 0)) {
            throw new IllegalArgumentException("milliseconds since the claim cannot be " + millis);
        }
        return Math.round(millis * 10) / 10.0;
    }
}
