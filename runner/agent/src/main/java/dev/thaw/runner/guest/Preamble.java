package dev.thaw.runner.guest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The line that begins a session: random, so that nothing that was in flight before can be taken for its echo. */
final class Preamble {
    /** How much may come before the echo, in bytes: more than any buffer between guest and host holds. */
    static final long MOST_DISCARDED = 64L * 1024 * 1024;

    private final byte[] line;
    private int matched;
    private long discarded;

    private Preamble(String id) {
        line = ("THAW/2 " + id + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    static Preamble random() {
        byte[] id = new byte[16];
        new SecureRandom().nextBytes(id);
        return new Preamble(HexFormat.of().formatHex(id));
    }

    byte[] line() {
        return line.clone();
    }

    /** Takes bytes up to and including the echo; true once it has come. */
    boolean echoedIn(ByteBuffer input) throws GuestLostException {
        while (input.hasRemaining()) {
            byte next = input.get();
            // The line's first character comes in it only once, so a mismatch can begin a match only with itself.
            matched = next == line[matched] ? matched + 1 : next == line[0] ? 1 : 0;
            if (matched == line.length) {
                return true;
            }
            if (++discarded > MOST_DISCARDED) {
                throw GuestLostException.ended("more than " + (MOST_DISCARDED >> 20)
                        + " MiB came from the guest and no answer to the preamble");
            }
        }
        return false;
    }
}
