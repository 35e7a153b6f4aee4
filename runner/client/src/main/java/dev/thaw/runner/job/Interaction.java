package dev.thaw.runner.job;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How somebody takes part in a job while it runs.
 *
 * @param stdin whether its only step is typed to, or read to
 * @param terminal what its steps get the like of; empty for none
 * @param hold whether its guest waits for more steps; empty for no
 */
public record Interaction(boolean stdin, Optional<Window> terminal, Optional<Hold> hold) {
    /** Of a job that nobody takes part in. */
    public static final Interaction NONE = new Interaction(false, Optional.empty(), Optional.empty());

    private static final int LARGEST = 65535;
    private static final Duration SHORTEST_IDLE = Duration.ofSeconds(1);
    private static final Duration LONGEST_IDLE = Duration.ofHours(24);

    /**
     * A terminal: its type, as TERM has it, and its size; 0 means that nobody knows.
     */
    public record Window(String type, int rows, int columns) {
        public Window {
            if (!type.matches("[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")) {
                throw new IllegalArgumentException("a terminal's type is 1 to 64 letters, digits and . _ + -");
            }
            if (rows < 0 || rows > LARGEST || columns < 0 || columns > LARGEST) {
                throw new IllegalArgumentException("a terminal has 0 to " + LARGEST + " rows and columns");
            }
        }
    }

    /**
     * A guest that is held open for more steps.
     *
     * @param idle how long it waits for each, 1 s to 24 h
     */
    public record Hold(When when, Duration idle) {
        public Hold {
            if (idle.compareTo(SHORTEST_IDLE) < 0 || idle.compareTo(LONGEST_IDLE) > 0) {
                throw new IllegalArgumentException("a guest may wait for 1s to 24h, got: " + idle.toSeconds() + "s");
            }
        }
    }

    /** When a guest is held. */
    public enum When {
        /** If its steps have failed, or run out of time. */
        FAILED,
        /** Whatever its steps did; artifacts are collected behind the last one that was sent. */
        ALWAYS;

        /** What it is called in JSON: stable. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether somebody takes part at all. */
    public boolean any() {
        return stdin || terminal.isPresent() || hold.isPresent();
    }

    /** Whether more steps may come in any case, so that there need be none at first. */
    public boolean heldAlways() {
        return hold.filter(wish -> wish.when() == When.ALWAYS).isPresent();
    }
}
