package dev.thaw.runner.artifact;

import java.util.Locale;
import java.util.Set;

/**
 * Names by which the host's git would find a repository, and with it configuration that names programs to run. The
 * rules are git's own (core.protectNTFS, core.protectHFS), whatever file system the host has.
 */
final class GitNames {
    /** A directory with all of one of these is a bare repository to a git that is started in it. */
    private static final Set<Set<String>> REPOSITORIES =
            Set.of(Set.of("head", "objects", "refs"), Set.of("head", "commondir"));

    private GitNames() {}

    /** Whether one name of a path, bytes, is {@code .git} on some file system. */
    static boolean isDotGit(String bytes) {
        for (String part : withoutIgnorable(ArtifactName.text(bytes)).split("\\\\", -1)) {
            int stream = part.indexOf(':');
            String name = (stream < 0 ? part : part.substring(0, stream)).toLowerCase(Locale.ROOT);
            int end = name.length();
            while (end > 0 && (name.charAt(end - 1) == ' ' || name.charAt(end - 1) == '.')) {
                end--;
            }
            String bare = name.substring(0, end);
            if (bare.equals(".git") || bare.equals("git~1")) {
                return true;
            }
        }
        return false;
    }

    /** Whether a name in lower case is part of what makes a directory a bare repository. */
    static boolean isRepositoryPart(String folded) {
        return REPOSITORIES.stream().anyMatch(repository -> repository.contains(folded));
    }

    /** Whether a directory that holds these names, in lower case, is a bare repository. */
    static boolean isRepository(Set<String> folded) {
        return REPOSITORIES.stream().anyMatch(folded::containsAll);
    }

    /** Without the characters that HFS+ leaves out of account. */
    private static String withoutIgnorable(String name) {
        return ArtifactName.isAscii(name)
                ? name
                : name.replaceAll("[\\u200c-\\u200f\\u202a-\\u202e\\u206a-\\u206f\\ufeff]", "");
    }
}
