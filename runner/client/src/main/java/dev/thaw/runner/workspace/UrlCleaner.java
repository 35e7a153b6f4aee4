package dev.thaw.runner.workspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.regex.Pattern;

/** Takes names, passwords and tokens out of URLs. The form {@code git@host:path} is no URL and stays. */
final class UrlCleaner {
    // Up to the last @ before the path, as curl reads it: a password may hold one itself.
    private static final Pattern USER_INFO = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\\s'\"]*@");

    private UrlCleaner() {}

    static String clean(String text) {
        return USER_INFO.matcher(text).replaceAll("$1");
    }

    static byte[] clean(byte[] text) {
        // Latin-1 keeps every byte, whatever encoding the text is in.
        return clean(new String(text, ISO_8859_1)).getBytes(ISO_8859_1);
    }
}
