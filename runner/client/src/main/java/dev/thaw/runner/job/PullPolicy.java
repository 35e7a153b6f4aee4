package dev.thaw.runner.job;

import java.util.Locale;

/** When the guest's Docker fetches a container image from its registry. */
public enum PullPolicy {
    /** At the start of each job. */
    ALWAYS,
    /** When the guest does not have it. */
    MISSING,
    /** Not at all: the guest must have it. */
    NEVER;

    /** Reads the word of a job file or a command line. */
    public static PullPolicy parse(String word) {
        return switch (word) {
            case "always" -> ALWAYS;
            case "missing" -> MISSING;
            case "never" -> NEVER;
            default -> throw new IllegalArgumentException("pull must be always, missing or never, got: " + word);
        };
    }

    /** What {@link #parse} reads. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
