package dev.thaw.runner.job;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where a revision is to be had.
 *
 * @param url of the repository; holds no credentials, since it is kept in records and given to the guest
 * @param revision a branch, a tag, a full name below {@code refs/}, {@code HEAD}, or all digits of a commit
 */
public record GitAddress(String url, String revision) {
    private static final List<String> SCHEMES = List.of("https", "http", "file");

    // What git itself allows in the name of a reference, one character at a time and what may not stand together.
    private static final Pattern REVISION =
            Pattern.compile("[^\\p{Cntrl}\\s~^:?*\\[\\\\-][^\\p{Cntrl}\\s~^:?*\\[\\\\]*");
    private static final Pattern NO_NAME = Pattern.compile("\\.\\.|@\\{|//|/\\.|\\.lock(/|$)|^/|/$|\\.$|^@$");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final int LONGEST = 2000;

    public GitAddress {
        checkUrl(url);
        if (!REVISION.matcher(revision).matches() || NO_NAME.matcher(revision).find() || revision.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "a git revision must be a branch, a tag or all digits of a commit, got: " + revision);
        }
    }

    /** Reads {@code URL[#REVISION]}; without a revision it is what the repository's HEAD is. */
    public static GitAddress parse(String text) {
        int hash = text.indexOf('#');
        return hash < 0
                ? new GitAddress(text, "HEAD")
                : new GitAddress(text.substring(0, hash), text.substring(hash + 1));
    }

    /** Whether the revision is a commit by its digits, which nobody can move. */
    public boolean pinned() {
        return COMMIT.matcher(revision).matches();
    }

    @Override
    public String toString() {
        return url + "#" + revision;
    }

    private static void checkUrl(String text) {
        URI uri = uri(text);
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (scheme.equals("ssh")) {
            throw new IllegalArgumentException("a git URL over ssh needs a key, and the runner takes none; use https");
        }
        if (!SCHEMES.contains(scheme)) {
            throw new IllegalArgumentException(
                    "a git URL must begin with https://, http:// or file:///, got: " + shown(text));
        }
        // Not getUserInfo(), which has none where the host is not one to its liking.
        if (String.valueOf(uri.getRawAuthority()).contains("@")) {
            throw new IllegalArgumentException(
                    "a git URL must have no user information, which would stand in process lists and records; got: "
                            + shown(text));
        }
        boolean local = scheme.equals("file");
        String host = uri.getHost();
        if (local != (host == null) || String.valueOf(uri.getPath()).length() < 2 || text.length() > LONGEST) {
            throw new IllegalArgumentException("a git URL needs " + (local ? "no host and " : "a host and ")
                    + "the path of a repository, got: " + shown(text));
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("a git URL must have no query, got: " + shown(text));
        }
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("a git URL must be one, got: " + shown(text), e);
        }
    }

    /** A message is seen by more people than a command line. */
    private static String shown(String text) {
        return text.replaceAll("//.*@", "//...@").replaceAll("\\?.*", "?...").replaceAll("\\p{Cntrl}", "?");
    }
}
