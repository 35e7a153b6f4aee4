package dev.thaw.runner.job;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How a length of time is written in a job file and on the command line: {@code 90s}, {@code 20m}, {@code 1h30m}. */
public final class DurationText {
    private static final Pattern FORM = Pattern.compile("(?:([0-9]{1,6})h)?(?:([0-9]{1,8})m)?(?:([0-9]{1,9})s)?");

    private DurationText() {}

    /** Reads hours, minutes and seconds, each at most once and in this order. */
    public static Duration parse(String text) {
        String stripped = text.strip().toLowerCase(Locale.ROOT);
        var parts = FORM.matcher(stripped);
        if (stripped.isEmpty() || !parts.matches()) {
            throw new IllegalArgumentException("a length of time looks like 90s, 20m or 1h30m, got: " + text);
        }
        return Duration.ofHours(number(parts.group(1)))
                .plusMinutes(number(parts.group(2)))
                .plusSeconds(number(parts.group(3)));
    }

    /** The same length in the form {@link #parse} reads; fractions of a second are dropped. */
    public static String of(Duration length) {
        var text = new StringBuilder();
        append(text, length.toHours(), "h");
        append(text, length.toMinutesPart(), "m");
        append(text, length.toSecondsPart(), "s");
        return text.isEmpty() ? "0s" : text.toString();
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static void append(StringBuilder text, long count, String unit) {
        if (count > 0) {
            text.append(count).append(unit);
        }
    }
}
