package dev.thaw.runner.guest;

import java.security.SecureRandom;
import java.util.HexFormat;

/** What makes one clone of a snapshot unlike every other. */
public final class Identity {
    private static final int ENTROPY_BYTES = 64;
    private static final int MACHINE_ID_BYTES = 16;

    // No record: its equality would be that of arrays, and its text would show the entropy.
    private final byte[] entropy;
    private final String machineId;
    private final String hostname;

    /** 64 bytes for the guest's random generator, 32 lower-case hex digits of machine id, one label of a host name. */
    public Identity(byte[] entropy, String machineId, String hostname) {
        if (entropy.length != ENTROPY_BYTES) {
            throw new IllegalArgumentException("entropy must be 64 bytes, got: " + entropy.length);
        }
        if (!machineId.matches("[0-9a-f]{32}")) {
            throw new IllegalArgumentException("machine id must be 32 lower-case hex digits, got: " + machineId);
        }
        if (!hostname.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            throw new IllegalArgumentException(
                    "host name must match [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?, got: " + hostname);
        }
        this.entropy = entropy.clone();
        this.machineId = machineId;
        this.hostname = hostname;
    }

    /** A new identity that nobody can guess. */
    public static Identity random(String hostname) {
        SecureRandom random = new SecureRandom();
        byte[] entropy = new byte[ENTROPY_BYTES];
        random.nextBytes(entropy);
        byte[] machineId = new byte[MACHINE_ID_BYTES];
        random.nextBytes(machineId);
        return new Identity(entropy, HexFormat.of().formatHex(machineId), hostname);
    }

    /** Where the guest's random generator starts from: the caller's own copy. */
    public byte[] entropy() {
        return entropy.clone();
    }

    /** What the guest puts into /etc/machine-id. */
    public String machineId() {
        return machineId;
    }

    /** What the guest calls itself. */
    public String hostname() {
        return hostname;
    }
}
