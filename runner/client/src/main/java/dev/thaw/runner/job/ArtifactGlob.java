package dev.thaw.runner.job;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which files of the workspace come back: a pattern of paths relative to it.
 *
 * <p>{@code *} is any part of one name, {@code ?} one character, {@code [a-z]} and {@code [!a-z]} one of a set,
 * {@code **} any number of directories, <code>{a,b}</code> either; {@code \} takes the meaning from what follows it. A
 * pattern that names a directory takes everything below it. Names that begin with a dot are names like any other,
 * except for {@code .git}, which no pattern reaches. Matching takes time in proportion to the lengths of pattern and
 * path at worst, whatever they are: both may come from somebody who means harm.
 */
public final class ArtifactGlob {
    private static final int LONGEST = 1024;

    private final String text;
    private final List<GlobPath> alternatives;

    private ArtifactGlob(String text, List<GlobPath> alternatives) {
        this.text = text;
        this.alternatives = alternatives;
    }

    /** Reads a pattern; an {@link IllegalArgumentException} says what is wrong with it. */
    public static ArtifactGlob parse(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("an artifact glob must not be empty");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "an artifact glob must not hold control characters, got: " + text.replaceAll("\\p{Cntrl}", "?"));
        }
        if (text.length() > LONGEST || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(
                    "an artifact glob must be text of at most " + LONGEST + " characters, got " + text.length());
        }
        return new ArtifactGlob(
                text,
                GlobBraces.expanded(text).stream()
                        .map(alternative -> GlobPath.parse(alternative, text))
                        .toList());
    }

    /** Whether the path, relative to the workspace, or a directory on the way to it is meant. */
    public boolean matches(String path) {
        List<String> names = List.of(path.split("/", -1));
        return alternatives.stream().anyMatch(alternative -> alternative.matchesAnyAncestor(names));
    }

    /** Paths below which all matches are; the empty one is the workspace itself. */
    public Set<String> roots() {
        var roots = new TreeSet<String>();
        alternatives.forEach(alternative -> roots.add(alternative.literalPrefix()));
        return roots;
    }

    /** The pattern as it was written. */
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ArtifactGlob glob && glob.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
