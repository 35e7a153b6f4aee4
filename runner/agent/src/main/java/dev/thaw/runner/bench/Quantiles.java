package dev.thaw.runner.bench;

import java.util.List;

/**
 * The middle and the slow end of some measured times.
 *
 * @param p50 median, milliseconds
 * @param p95 the value that 95 % do not exceed (nearest rank), milliseconds
 */
public record Quantiles(double p50, double p95) {
    /** Of at least one value. */
    public static Quantiles of(List<Double> millis) {
        List<Double> sorted = millis.stream().sorted().toList();
        return new Quantiles(rank(sorted, 0.50), rank(sorted, 0.95));
    }

    private static double rank(List<Double> sorted, double share) {
        int index = (int) Math.ceil(share * sorted.size()) - 1;
        return sorted.get(Math.max(0, index));
    }
}
