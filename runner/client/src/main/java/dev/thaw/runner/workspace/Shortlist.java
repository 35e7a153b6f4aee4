package dev.thaw.runner.workspace;

import java.util.List;

/** Names for a person: the first few, and how many more there are. */
final class Shortlist {
    private static final int NAMED = 5;

    private Shortlist() {}

    static String of(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
        return names.size() > NAMED ? first + " and " + (names.size() - NAMED) + " more" : first;
    }
}
