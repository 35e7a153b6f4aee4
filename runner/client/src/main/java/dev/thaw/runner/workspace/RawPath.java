package dev.thaw.runner.workspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A path below the workspace as Linux has it: bytes, mostly but not always UTF-8, whatever this JVM's locale is. Each
 * character of {@code bytes} stands for one byte; the root is empty, and {@code /} stands between names only.
 */
public record RawPath(String bytes) implements Comparable<RawPath> {
    /** The directory itself. */
    public static final RawPath ROOT = new RawPath("");

    /** The last name of a file that was listed by the JVM. */
    public static RawPath nameOf(Path file) {
        String name = String.valueOf(file.getFileName());
        if (isAscii(name)) {
            return new RawPath(name);
        }
        String whole = withoutSlash(uriBytes(file));
        return new RawPath(whole.substring(whole.lastIndexOf('/') + 1));
    }

    /** Where a symbolic link points to, in exactly the bytes it holds. */
    public static RawPath targetOf(Path link) throws IOException {
        Path target = Files.readSymbolicLink(link);
        String text = target.toString();
        if (isAscii(text)) {
            return new RawPath(text);
        }
        String whole = uriBytes(target);
        String exact = text.endsWith("/") ? whole : withoutSlash(whole);
        return new RawPath(
                target.isAbsolute()
                        ? exact
                        : exact.substring(uriBytes(Path.of("")).length()));
    }

    /** The path of what has this name in here. */
    public RawPath child(RawPath name) {
        return bytes.isEmpty() ? name : new RawPath(bytes + "/" + name.bytes);
    }

    byte[] toBytes() {
        return bytes.getBytes(ISO_8859_1);
    }

    /** The path as text; empty when it is not UTF-8. */
    Optional<String> utf8() {
        try {
            return Optional.of(
                    UTF_8.newDecoder().decode(ByteBuffer.wrap(toBytes())).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** The path for a person: one printable line. */
    @Override
    public String toString() {
        return new String(toBytes(), UTF_8).replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    }

    @Override
    public int compareTo(RawPath other) {
        return bytes.compareTo(other.bytes);
    }

    // A path's toString() loses what the locale cannot show, but its URI has every byte: as itself or as %XX.
    private static String uriBytes(Path path) {
        String uri = path.toUri().getRawPath();
        var bytes = new StringBuilder(uri.length());
        for (int i = 0; i < uri.length(); i++) {
            if (uri.charAt(i) == '%') {
                bytes.append((char) Integer.parseInt(uri, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.append(uri.charAt(i));
            }
        }
        return bytes.toString();
    }

    private static String withoutSlash(String bytes) {
        return bytes.endsWith("/") ? bytes.substring(0, bytes.length() - 1) : bytes;
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(character -> character < 0x80);
    }
}
