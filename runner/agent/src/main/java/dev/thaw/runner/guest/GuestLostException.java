package dev.thaw.runner.guest;

import java.io.IOException;

/** The session with the guest is over. The message is one line for a person. */
final class GuestLostException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final boolean breach;

    private GuestLostException(String reason, boolean breach) {
        super(reason);
        this.reason = reason;
        this.breach = breach;
    }

    /** The connection ended, or somebody ended it. */
    static GuestLostException ended(String reason) {
        return new GuestLostException(reason, false);
    }

    /** The guest did what the protocol does not allow; it is told so. */
    static GuestLostException breach(String what) {
        return new GuestLostException("guestd broke the guest protocol: " + what, true);
    }

    boolean isBreach() {
        return breach;
    }

    /** The same reason again, for another thread to throw. */
    GuestLostException again() {
        GuestLostException again = new GuestLostException(reason, breach);
        again.initCause(this);
        return again;
    }
}
