package dev.thaw.runner.guest;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all streams of one session together may hold beyond their first windows, in bytes: a guest that fills every
 * window it is granted costs the host no more than this and {@link Frame#MAX_STREAMS} first windows.
 */
final class WindowBudget {
    private final AtomicInteger left;

    WindowBudget(int bytes) {
        left = new AtomicInteger(bytes);
    }

    /** Takes all of {@code bytes}, or nothing. */
    boolean take(int bytes) {
        return left.getAndUpdate(now -> now >= bytes ? now - bytes : now) >= bytes;
    }

    void giveBack(int bytes) {
        left.addAndGet(bytes);
    }
}
