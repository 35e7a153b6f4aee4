package dev.thaw.runner.guest;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;

/** Signals that somebody outside of the guest sends to whatever runs in it. For any thread. */
public final class Signals {
    private final List<IntConsumer> followers = new CopyOnWriteArrayList<>();

    /** Sends one, 1 to 64; nothing happens if nothing runs. */
    public void send(int signal) {
        if (signal < 1 || signal > 64) {
            throw new IllegalArgumentException("a signal is a number from 1 to 64, got: " + signal);
        }
        followers.forEach(follower -> follower.accept(signal));
    }

    /** Tells of every signal from now on, until closed. */
    public Terminal.Following follow(IntConsumer follower) {
        followers.add(follower);
        return () -> followers.remove(follower);
    }
}
