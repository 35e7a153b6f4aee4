package dev.thaw.runner.guest;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A terminal outside of the guest, of which a process in the guest gets the like. For any thread. */
public final class Terminal {
    private final String type;
    private final List<Consumer<TerminalSize>> followers = new CopyOnWriteArrayList<>();
    private TerminalSize size;

    /** A terminal of a type, as TERM has it, that has this size until it is {@linkplain #resize resized}. */
    public Terminal(String type, TerminalSize size) {
        this.type = type;
        this.size = size;
    }

    /** What it is for TERM. */
    public String type() {
        return type;
    }

    /** Its size now. */
    public synchronized TerminalSize size() {
        return size;
    }

    /** It has another size from now on; returns when all who follow it were told. */
    public synchronized void resize(TerminalSize now) {
        if (!now.equals(size)) {
            size = now;
            followers.forEach(follower -> follower.accept(now));
        }
    }

    /** Tells of every size from now on that is not the one known, until closed; the first perhaps before this returns. */
    public synchronized Following follow(TerminalSize known, Consumer<TerminalSize> follower) {
        followers.add(follower);
        if (!size.equals(known)) {
            follower.accept(size);
        }
        return () -> followers.remove(follower);
    }

    /** Somebody who is told of sizes. */
    public interface Following extends AutoCloseable {
        @Override
        void close();
    }
}
