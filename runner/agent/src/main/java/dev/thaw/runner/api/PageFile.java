package dev.thaw.runner.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One file of the page, as it lies in the jar.
 *
 * @param tag other than that of any other content
 */
record PageFile(String type, String text, String tag) {
    /** Reads a file of the jar; one that is missing is a bug of ours. */
    static PageFile read(String name) {
        try (@Nullable InputStream in = PageFile.class.getResourceAsStream("page/" + name)) {
            if (in == null) {
                throw new AssertionError("the jar has no page/" + name);
            }
            byte[] bytes = in.readAllBytes();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new PageFile(
                    type(name),
                    new String(bytes, StandardCharsets.UTF_8),
                    '"' + HexFormat.of().formatHex(digest, 0, 12) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }

    private static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "svg" -> "image/svg+xml";
            default -> throw new AssertionError("no type for " + name);
        };
    }
}
