package dev.thaw.runner.artifact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/**
 * The name of an artifact below the output directory, as Linux has it: bytes, one for each character of {@code bytes}.
 * It leads nowhere else, and is not one that git takes for its own.
 */
record ArtifactName(String bytes) {
    private static final int SHOWN = 200;

    ArtifactName {
        if (bytes.isEmpty() || bytes.startsWith("/")) {
            throw new IllegalArgumentException("not a name below a directory: " + printable(bytes));
        }
    }

    /** Takes a name that nobody vouches for. */
    static ArtifactName parse(String bytes) throws ArtifactRefusedException {
        if (bytes.isEmpty()) {
            throw new ArtifactRefusedException("an artifact without a name");
        }
        if (bytes.startsWith("/")) {
            throw refused(bytes, "has an absolute name");
        }
        if (bytes.length() > ArtifactLimits.PATH_BYTES) {
            throw refused(bytes, "has a name of more than " + ArtifactLimits.PATH_BYTES + " bytes");
        }
        if (bytes.chars().anyMatch(character -> character == 0 || character > 0xff)) {
            throw refused(bytes, "has a name with a NUL, or in a form that no file system has");
        }
        String[] parts = bytes.split("/", -1);
        if (parts.length > ArtifactLimits.DEPTH) {
            throw refused(bytes, "lies more than " + ArtifactLimits.DEPTH + " directories deep");
        }
        for (String part : parts) {
            checkPart(part, bytes);
        }
        return new ArtifactName(bytes);
    }

    private static void checkPart(String part, String bytes) throws ArtifactRefusedException {
        if (part.equals("..")) {
            throw refused(bytes, "has '..' in its name");
        }
        if (part.isEmpty() || part.equals(".")) {
            throw refused(bytes, "has an empty part or '.' in its name");
        }
        if (part.length() > ArtifactLimits.NAME_BYTES) {
            throw refused(bytes, "has a part of more than " + ArtifactLimits.NAME_BYTES + " bytes in its name");
        }
        if (GitNames.isDotGit(part)) {
            throw refused(bytes, "has a part in its name that git takes for .git");
        }
    }

    private static ArtifactRefusedException refused(String bytes, String why) {
        return new ArtifactRefusedException("artifact " + printable(bytes) + " " + why);
    }

    /** The names between the slashes. */
    List<String> parts() {
        return List.of(bytes.split("/", -1));
    }

    /** As text, to be matched: bytes that are no UTF-8 become U+FFFD. */
    String text() {
        return text(bytes);
    }

    static String text(String bytes) {
        return isAscii(bytes) ? bytes : new String(bytes.getBytes(ISO_8859_1), UTF_8);
    }

    static boolean isAscii(String text) {
        return text.chars().allMatch(character -> character < 0x80);
    }

    /** For a person: one printable line of bearable length. */
    @Override
    public String toString() {
        return printable(bytes);
    }

    static String printable(String bytes) {
        return shown(text(bytes));
    }

    /** A text that may have been made by anybody, for a person. */
    static String shown(String anything) {
        String text = anything.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
