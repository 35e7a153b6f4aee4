package dev.thaw.runner.job;

import java.util.Locale;

/** What becomes of a container image's own entrypoint. */
public enum ImageEntrypoint {
    /** It is not run: the image is there for its files, as in a GitHub job. */
    NONE,
    /** It runs once, before the first step, and has to run its arguments then; as Jenkins and GitLab do it. */
    IMAGE;

    /** Reads the word of a job file. */
    public static ImageEntrypoint parse(String word) {
        return switch (word) {
            case "none" -> NONE;
            case "image" -> IMAGE;
            default -> throw new IllegalArgumentException("entrypoint must be none or image, got: " + word);
        };
    }

    /** What {@link #parse} reads. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
