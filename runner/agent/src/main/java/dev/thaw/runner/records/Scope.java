package dev.thaw.runner.records;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a token is good for. */
public enum Scope {
    /** Submitting jobs, and giving them their workspace. */
    SUBMIT,
    /** Seeing one's own jobs, and what the host has. */
    READ,
    /** Cancelling one's own jobs. */
    CANCEL,
    /** All of the above, for everybody's jobs. */
    ADMIN;

    /** What the scope is called on the command line and in JSON: stable. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Scopes as they are written on one line: {@code submit,read}. */
    public static Set<Scope> parse(String words) {
        var scopes = EnumSet.noneOf(Scope.class);
        for (String word : words.split(",", -1)) {
            scopes.add(one(word.strip()));
        }
        return scopes;
    }

    /** The line that {@link #parse} reads. */
    public static String format(Set<Scope> scopes) {
        return scopes.stream().sorted().map(Scope::word).collect(Collectors.joining(","));
    }

    private static Scope one(String word) {
        return Arrays.stream(values())
                .filter(scope -> scope.word().equals(word))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("a scope is submit, read, cancel or admin, got: " + word));
    }
}
