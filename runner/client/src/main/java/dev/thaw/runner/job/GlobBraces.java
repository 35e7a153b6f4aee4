package dev.thaw.runner.job;

import java.util.ArrayList;
import java.util.List;

/** Writes <code>a{b,c}</code> out as {@code ab} and {@code ac}, as a shell does. */
final class GlobBraces {
    private static final int MOST = 64;

    private GlobBraces() {}

    static List<String> expanded(String glob) {
        var done = new ArrayList<String>();
        var open = new ArrayList<>(List.of(glob));
        while (!open.isEmpty()) {
            String next = open.remove(open.size() - 1);
            int brace = unescaped(next, 0, '{');
            if (brace < 0) {
                done.add(0, next);
            } else {
                open.addAll(alternatives(next, brace, glob));
            }
            if (done.size() + open.size() > MOST) {
                throw new IllegalArgumentException(
                        "artifact glob " + glob + " stands for more than " + MOST + " patterns; write fewer braces");
            }
        }
        java.util.Collections.reverse(done);
        return done.stream().distinct().toList();
    }

    /** The text with its first pair of braces replaced by each of what is in it. */
    private static List<String> alternatives(String text, int brace, String glob) {
        var alternatives = new ArrayList<String>();
        int depth = 0;
        int start = brace + 1;
        for (int i = brace; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '[') {
                i = GlobName.classEnd(text, i, glob);
            } else if (c == '{') {
                depth++;
            } else if (depth == 1 && (c == ',' || c == '}')) {
                alternatives.add(text.substring(start, i));
                start = i + 1;
                if (c == '}') {
                    String tail = text.substring(i + 1);
                    return alternatives.stream()
                            .map(alternative -> text.substring(0, brace) + alternative + tail)
                            .toList();
                }
            } else if (c == '}') {
                depth--;
            }
        }
        throw new IllegalArgumentException("artifact glob " + glob + " has a '{' that nothing closes");
    }

    private static int unescaped(String text, int from, char wanted) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == wanted) {
                return i;
            }
            if (c == '\\') {
                i++;
            } else if (c == '[') {
                i = GlobName.classEnd(text, i, text);
            }
        }
        return -1;
    }
}
