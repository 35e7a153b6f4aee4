package dev.thaw.runner.template;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** SHA-256, written as 64 lower-case hexadecimal digits. */
public final class Digests {
    private static final int PIECE = 1 << 20;

    private Digests() {}

    /** Of a text's UTF-8 bytes. */
    public static String sha256(String text) {
        return HexFormat.of().formatHex(newSha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Of a file's content. */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest = newSha256();
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                digest.update(buffer, 0, length);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Of a file's content in pieces of one MiB, where a piece of zeros counts as the single byte 0 and any other as the
     * byte 1 and itself: the digest of a mostly empty disk takes a tenth of the time. Two files have equal digests
     * exactly if their contents are equal, sparse or not.
     */
    public static String sparseSha256(Path file) throws IOException {
        MessageDigest digest = newSha256();
        byte[] zeros = new byte[PIECE];
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(file)) {
            for (int length = in.readNBytes(piece, 0, PIECE); length > 0; length = in.readNBytes(piece, 0, PIECE)) {
                boolean empty = length == PIECE && Arrays.equals(piece, zeros);
                digest.update((byte) (empty ? 0 : 1));
                if (!empty) {
                    digest.update(piece, 0, length);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
