package dev.thaw.runner.job;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a container image as Docker reads it: {@code [registry[:port]/]name[:tag][@digest]}.
 *
 * @param name with the registry, if one is named
 * @param version a tag, or a digest such as {@code sha256:…}; {@code latest} when neither is written
 * @param text as it was written
 */
public record ImageReference(String name, String version, String text) {
    private static final int LONGEST_NAME = 255;
    private static final int LONGEST = 600;
    private static final Pattern FORM = form();

    // What Docker takes for the id of an image and not for a name.
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    /** Reads a name by the grammar of Docker's own parser (github.com/distribution/reference). */
    public static ImageReference parse(String text) {
        Matcher parts = FORM.matcher(text.length() > LONGEST ? "" : text);
        if (!parts.matches() || ID.matcher(text).matches()) {
            throw new IllegalArgumentException("image must be the name of a container image, like debian:trixie-slim or"
                    + " registry.example:5000/team/tool:1.2, in lower case; got: " + shown(text));
        }
        String name = parts.group("name");
        if (name.length() > LONGEST_NAME) {
            throw new IllegalArgumentException(
                    "image must have a name of at most " + LONGEST_NAME + " characters, got: " + shown(text));
        }
        String digest = parts.group("digest");
        String tag = parts.group("tag");
        return new ImageReference(name, digest != null ? digest : tag != null ? tag : "latest", text);
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }

    private static String shown(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    private static Pattern form() {
        String label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
        String host = "(?:" + label + "(?:\\." + label + ")*|\\[[a-fA-F0-9:]+\\])";
        String component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
        String name = "(?:" + host + "(?::[0-9]+)?/)?" + component + "(?:/" + component + ")*";
        String algorithm = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*";
        return Pattern.compile("(?<name>" + name + ")(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?" + "(?:@(?<digest>"
                + algorithm + ":[0-9a-fA-F]{32,}))?");
    }
}
