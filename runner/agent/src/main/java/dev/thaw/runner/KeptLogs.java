package dev.thaw.runner;

import java.util.logging.LogManager;

/** Keeps messages coming while the process shuts down, which is when an agent has most to say. */
public final class KeptLogs extends LogManager {
    /** For the JDK, which makes the one there is. */
    public KeptLogs() {}

    /** The JDK calls this when the shutdown begins, beside all that still has to be done then. */
    @Override
    public void reset() {}
}
