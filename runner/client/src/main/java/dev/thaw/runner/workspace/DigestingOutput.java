package dev.thaw.runner.workspace;

import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Passes bytes on and keeps their SHA-256. */
public final class DigestingOutput extends DigestOutputStream {
    public DigestingOutput(OutputStream out) {
        super(out, newDigest());
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** Of all that has been written, in hexadecimal digits; to be asked for once. */
    public String sha256() {
        return HexFormat.of().formatHex(getMessageDigest().digest());
    }
}
