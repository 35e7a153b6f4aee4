package dev.thaw.runner.workspace;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a repository's configuration for a guest: what git needs to know about the repository stays; credentials,
 * headers, includes, programs of the host and user information in URLs go. A section nobody listed here goes too, and
 * so do comments: people comment out what they mean to use again.
 */
final class GitConfigCleaner {
    private static final Set<String> SECTIONS = Set.of(
            "advice",
            "apply",
            "am",
            "blame",
            "branch",
            "checkout",
            "clone",
            "color",
            "column",
            "commit",
            "core",
            "diff",
            "extensions",
            "feature",
            "fetch",
            "format",
            "gc",
            "gitflow",
            "i18n",
            "index",
            "init",
            "lfs",
            "log",
            "maintenance",
            "merge",
            "notes",
            "pack",
            "pull",
            "push",
            "rebase",
            "receive",
            "remote",
            "rerere",
            "reset",
            "revert",
            "status",
            "stash",
            "submodule",
            "svn-remote",
            "tag",
            "transfer",
            "url",
            "user",
            "versionsort",
            "worktree");
    private static final Pattern SECRET = Pattern.compile(
            ".*(header|cookie|token|pass|secret|credential|helper|proxy|cert|sslkey|signingkey|auth|apikey).*");
    // Programs and files of the host, which the guest does not have.
    private static final Pattern PROGRAM = Pattern.compile(
            ".*(command|cmd|program|editor|pager|hook|fsmonitor|driver|textconv|external|vcs|uploadpack|receivepack"
                    + "|excludesfile|attributesfile|template|gitproxy|tool|alternaterefs).*");

    private final Config source = new Config();
    private final Config cleaned = new Config();

    private GitConfigCleaner() {}

    /** The same for a repository that will be an ordinary {@code .git} in its work tree, wherever it was before. */
    static byte[] cleanMoved(byte[] config) throws IOException {
        var cleaner = cleaner(config);
        cleaner.cleaned.unset("core", null, "worktree");
        cleaner.cleaned.unset("core", null, "bare");
        return cleaner.bytes();
    }

    static byte[] clean(byte[] config) throws IOException {
        return cleaner(config).bytes();
    }

    private byte[] bytes() {
        return cleaned.toText().getBytes(UTF_8);
    }

    private static GitConfigCleaner cleaner(byte[] config) throws IOException {
        var cleaner = new GitConfigCleaner();
        try {
            cleaner.source.fromText(new String(config, UTF_8));
        } catch (ConfigInvalidException e) {
            throw new IOException("it is no valid git configuration", e);
        }
        for (String section : cleaner.source.getSections()) {
            cleaner.copySection(section);
        }
        String workTree = cleaner.cleaned.getString("core", null, "worktree");
        if (workTree != null && workTree.startsWith("/")) {
            // A place of the host; without it the work tree is where .git is, which is true in the guest.
            cleaner.cleaned.unset("core", null, "worktree");
        }
        return cleaner;
    }

    private void copySection(String section) {
        if (!SECTIONS.contains(section.toLowerCase(Locale.ROOT))) {
            return;
        }
        copyNames(section, null);
        for (String subsection : source.getSubsections(section)) {
            copyNames(section, subsection);
        }
    }

    private void copyNames(String section, @Nullable String subsection) {
        for (String name : source.getNames(section, subsection)) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!SECRET.matcher(lower).matches() && !PROGRAM.matcher(lower).matches()) {
                copyValues(section, subsection, name);
            }
        }
    }

    private void copyValues(String section, @Nullable String subsection, String name) {
        String target = subsection == null ? null : UrlCleaner.clean(subsection);
        // Two subsections can become one: the values of both stay.
        List<String> values = new ArrayList<>(List.of(cleaned.getStringList(section, target, name)));
        for (String value : source.getStringList(section, subsection, name)) {
            // A name without a value means true, and would mean false when written with an empty one.
            String written = Config.isMissing(value) ? "true" : UrlCleaner.clean(value);
            // As in submodule.x.update: a command.
            if (!written.startsWith("!")) {
                values.add(written);
            }
        }
        cleaned.setStringList(section, target, name, values);
    }
}
