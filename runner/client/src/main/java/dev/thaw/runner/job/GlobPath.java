package dev.thaw.runner.job;

import java.util.ArrayList;
import java.util.List;

/** One pattern without braces: a pattern for each name of a path, {@code **} among them. */
final class GlobPath {
    private final List<GlobName> names;

    private GlobPath(List<GlobName> names) {
        this.names = names;
    }

    /** Reads a pattern; messages call it by the glob it comes from. */
    static GlobPath parse(String text, String glob) {
        if (text.startsWith("/")) {
            throw new IllegalArgumentException(
                    "artifact glob " + glob + " is absolute; write it relative to /workspace");
        }
        var names = new ArrayList<GlobName>();
        for (String part : text.split("/", -1)) {
            if (!part.isEmpty() && !part.equals(".")) {
                names.add(GlobName.parse(part, glob));
            }
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException(
                    "artifact glob " + glob + " names no file; for all of the workspace write **");
        }
        if (names.stream().anyMatch(name -> "..".equals(name.literal()))) {
            throw new IllegalArgumentException(
                    "artifact glob " + glob + " has '..'; artifacts are files below /workspace");
        }
        if (names.stream().anyMatch(name -> ".git".equalsIgnoreCase(name.literal()))) {
            throw new IllegalArgumentException(
                    "artifact glob " + glob + " names .git, which never comes back from a build");
        }
        return new GlobPath(List.copyOf(names));
    }

    /**
     * Whether the path or one of the directories it is in fits. A pattern that ends with {@code **} takes what is below,
     * not the directory itself; for files that is the same.
     */
    boolean matchesAnyAncestor(List<String> path) {
        // What fits as a beginning: like a star in a name, '**' needs to be tried again only for the last one seen.
        int at = 0;
        int pattern = 0;
        int star = -1;
        int starAt = 0;
        while (true) {
            if (pattern == names.size()) {
                return true;
            }
            if (names.get(pattern).anyDepth()) {
                star = pattern++;
                starAt = at;
                if (pattern == names.size()) {
                    return at < path.size();
                }
            } else if (at < path.size() && names.get(pattern).matches(path.get(at))) {
                at++;
                pattern++;
            } else if (star >= 0 && starAt < path.size()) {
                pattern = star + 1;
                at = ++starAt;
            } else {
                return false;
            }
        }
    }

    /** The names before the first that is a pattern. */
    String literalPrefix() {
        var prefix = new StringBuilder();
        for (GlobName name : names) {
            String literal = name.literal();
            if (literal == null) {
                break;
            }
            prefix.append(prefix.isEmpty() ? "" : "/").append(literal);
        }
        return prefix.toString();
    }
}
