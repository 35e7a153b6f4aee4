package dev.thaw.runner.workspace;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;

/** What goes along of a {@code .git} directory: history and state, but no hooks and nothing that may hold a secret. */
enum GitPart implements Selection {
    /** A repository's own directory: {@code .git}, or one submodule's or linked work tree's below it. */
    REPOSITORY {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return ofRepositoryEntry(name.bytes(), directory);
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            if (REPOSITORIES.contains(name.bytes())) {
                return MODULES;
            }
            return WITH_URLS.contains(name.bytes()) ? TEXT : REST;
        }
    },
    /** Where a repository keeps those of its submodules and work trees, at any depth, since their names may have slashes. */
    MODULES {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return directory ? Treatment.AS_IS : ofRepositoryEntry(name.bytes(), false);
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return Files.exists(directory.resolve("HEAD")) ? REPOSITORY : MODULES;
        }
    },
    /** Logs of what was fetched from where, and the oldest forms of a remote. */
    TEXT {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return directory ? Treatment.AS_IS : Treatment.URLS_CLEANED;
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return TEXT;
        }
    },
    /** Objects, references, and everything else. */
    REST {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return Treatment.AS_IS;
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return REST;
        }
    };

    static final RawPath DOT_GIT = new RawPath(".git");

    private static final Set<String> CONFIGS = Set.of("config", "config.worktree");
    private static final Set<String> REPOSITORIES = Set.of("modules", "worktrees");
    private static final Set<String> WITH_URLS = Set.of("logs", "remotes", "branches");
    // Besides credentials: copies of the configuration that an editor or git itself left, and locks, which would stop
    // every git command in the guest.
    private static final Pattern LEFT_OUT =
            Pattern.compile("hooks|config.+|\\.config.*|.*credential.*|cookies.*|.*\\.lock", Pattern.CASE_INSENSITIVE);

    @Override
    public boolean gitRules() {
        return false;
    }

    private static Treatment ofRepositoryEntry(String name, boolean directory) {
        if (!directory && CONFIGS.contains(name)) {
            return Treatment.CONFIG_CLEANED;
        }
        if (LEFT_OUT.matcher(name).matches()) {
            return Treatment.LEFT_OUT;
        }
        return !directory && name.equals("FETCH_HEAD") ? Treatment.URLS_CLEANED : Treatment.AS_IS;
    }
}
