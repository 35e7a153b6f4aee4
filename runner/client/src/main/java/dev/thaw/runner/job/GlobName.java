package dev.thaw.runner.job;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pattern for one name of a path. */
final class GlobName {
    private static final GlobName ANY_DEPTH = new GlobName(List.of(), null);

    /** One place of the name: any number of characters, or one of a set. */
    private sealed interface Part {
        record Star() implements Part {}

        record One(List<int[]> ranges, boolean except) implements Part {
            boolean fits(int character) {
                return ranges.stream().anyMatch(range -> range[0] <= character && character <= range[1]) != except;
            }
        }
    }

    private final List<Part> parts;
    private final @Nullable String literal;

    private GlobName(List<Part> parts, @Nullable String literal) {
        this.parts = parts;
        this.literal = literal;
    }

    static GlobName parse(String text, String glob) {
        if (text.equals("**")) {
            return ANY_DEPTH;
        }
        var parts = new ArrayList<Part>();
        var literal = new StringBuilder();
        boolean plain = true;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c == '*') {
                if (parts.isEmpty() || !(parts.get(parts.size() - 1) instanceof Part.Star)) {
                    parts.add(new Part.Star());
                }
                plain = false;
                i++;
            } else if (c == '?') {
                parts.add(new Part.One(List.of(), true));
                plain = false;
                i++;
            } else if (c == '[') {
                int end = classEnd(text, i, glob);
                parts.add(characterClass(text.substring(i + 1, end), glob));
                plain = false;
                i = end + 1;
            } else {
                if (c == '\\') {
                    if (++i == text.length()) {
                        throw new IllegalArgumentException("artifact glob " + glob + " has a '\\' before nothing");
                    }
                    c = text.codePointAt(i);
                }
                parts.add(new Part.One(List.of(new int[] {c, c}), false));
                literal.appendCodePoint(c);
                i += Character.charCount(c);
            }
        }
        return new GlobName(List.copyOf(parts), plain ? literal.toString() : null);
    }

    /** Where the class that begins at {@code start} ends. */
    static int classEnd(String text, int start, String glob) {
        int i = start + 1;
        if (i < text.length() && (text.charAt(i) == '!' || text.charAt(i) == '^')) {
            i++;
        }
        // A bracket that comes first stands for itself, as in every shell.
        int end = text.indexOf(']', i + 1);
        int slash = text.indexOf('/', start);
        if (end < 0 || (slash >= 0 && slash < end)) {
            throw new IllegalArgumentException("artifact glob " + glob + " has a '[' that nothing closes");
        }
        return end;
    }

    private static Part characterClass(String text, String glob) {
        boolean except = text.startsWith("!") || text.startsWith("^");
        int[] characters = text.substring(except ? 1 : 0).codePoints().toArray();
        var ranges = new ArrayList<int[]>();
        for (int i = 0; i < characters.length; i++) {
            boolean range = i + 2 < characters.length && characters[i + 1] == '-';
            int last = range ? characters[i + 2] : characters[i];
            if (last < characters[i]) {
                throw new IllegalArgumentException("artifact glob " + glob + " has a range that runs backwards: "
                        + Character.toString(characters[i]) + "-" + Character.toString(last));
            }
            ranges.add(new int[] {characters[i], last});
            i += range ? 2 : 0;
        }
        return new Part.One(List.copyOf(ranges), except);
    }

    /** Whether this is {@code **}: any number of names. */
    boolean anyDepth() {
        return this == ANY_DEPTH;
    }

    /** The only name that fits; null when there are more. */
    @Nullable
    String literal() {
        return literal;
    }

    boolean matches(String name) {
        int at = 0;
        int part = 0;
        int star = -1;
        int starAt = 0;
        while (at < name.length()) {
            int c = name.codePointAt(at);
            if (part < parts.size() && parts.get(part) instanceof Part.Star) {
                star = part++;
                starAt = at;
            } else if (part < parts.size() && parts.get(part) instanceof Part.One one && one.fits(c)) {
                part++;
                at += Character.charCount(c);
            } else if (star >= 0) {
                // Only the last star has to be tried again: what an earlier one took more, this one can take instead.
                part = star + 1;
                starAt += Character.charCount(name.codePointAt(starAt));
                at = starAt;
            } else {
                return false;
            }
        }
        while (part < parts.size() && parts.get(part) instanceof Part.Star) {
            part++;
        }
        return part == parts.size();
    }
}
