package dev.thaw.runner.job;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** A number of bytes, written as people write it: {@code 512MiB}, {@code 2GiB}. */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]{1,3})");
    private static final Map<String, Long> UNITS = Map.of(
            "b", 1L, "kib", 1L << 10, "k", 1L << 10, "mib", 1L << 20, "m", 1L << 20, "gib", 1L << 30, "g", 1L << 30,
            "tib", 1L << 40, "t", 1L << 40);
    private static final List<String> NAMES = List.of("TiB", "GiB", "MiB", "KiB");

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size cannot be negative, got: " + bytes);
        }
    }

    /**
     * Reads a whole number and a unit: B, KiB, MiB, GiB, TiB, or Docker's k, m, g, t for the same powers of 1024. Case
     * does not matter; a number without a unit is refused, since nobody agrees on what it means.
     */
    public static ByteSize parse(String text) {
        var parts = FORM.matcher(text.strip());
        Long unit = parts.matches() ? UNITS.get(parts.group(2).toLowerCase(Locale.ROOT)) : null;
        if (unit == null) {
            throw new IllegalArgumentException("a size is a whole number and a unit, like 512MiB or 2GiB"
                    + " (B, KiB, MiB, GiB, TiB, or k, m, g, t), got: " + text);
        }
        try {
            return new ByteSize(Math.multiplyExact(Long.parseLong(parts.group(1)), unit));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a size must be below 8388608TiB, got: " + text, e);
        }
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The same size in its largest unit that needs no fraction; {@link #parse} reads it back. */
    @Override
    public String toString() {
        for (String name : NAMES) {
            long unit = UNITS.getOrDefault(name.toLowerCase(Locale.ROOT), 1L);
            if (bytes > 0 && bytes % unit == 0) {
                return bytes / unit + name;
            }
        }
        return bytes + "B";
    }
}
