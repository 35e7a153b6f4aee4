package dev.thaw.runner.job;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Which key a person meant who wrote one that does not exist. */
final class NearestKey {
    private static final int FARTHEST = 2;

    private NearestKey() {}

    /** The known key that is closest to what was written, when one is close enough to be meant. */
    static Optional<String> of(String written, Collection<String> known) {
        return known.stream()
                .filter(key -> Math.abs(key.length() - written.length()) <= FARTHEST)
                .filter(key -> closeEnough(distance(written, key), key))
                .min(Comparator.comparingInt(key -> distance(written, key)));
    }

    private static boolean closeEnough(int distance, String key) {
        return distance <= FARTHEST && distance * 2 < key.length();
    }

    /** How many letters to insert, drop, replace or swap with their neighbour. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                d[i][j] = i == 0 || j == 0 ? i + j : cheapest(a, b, d, i, j);
            }
        }
        return d[a.length()][b.length()];
    }

    private static int cheapest(String a, String b, int[][] d, int i, int j) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int cost = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (same ? 0 : 1));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(cost, d[i - 2][j - 2] + 1) : cost;
    }
}
