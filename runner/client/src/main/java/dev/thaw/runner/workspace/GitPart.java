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
            return REPOSITORIES.contains(name.bytes()) ? MODULES : withinRepository(name);
        }
    },
    /**
     * A repository that was outside the tree, as it is to be in the place of the file that named it. Submodules of it
     * bring theirs in the same way.
     */
    MOVED {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return ofMovedEntry(name.bytes(), directory);
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return withinRepository(name);
        }
    },
    /** What a linked work tree has in common with the others of its repository, and nothing of the others' state. */
    SHARED {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return COMMON.contains(name.bytes()) ? ofMovedEntry(name.bytes(), directory) : Treatment.LEFT_OUT;
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return withinRepository(name);
        }
    },
    /** Of git-lfs: objects, but no logs of what it asked servers for. */
    LFS {
        @Override
        public Treatment of(RawPath name, boolean directory) {
            return name.bytes().equals("objects") ? Treatment.AS_IS : Treatment.LEFT_OUT;
        }

        @Override
        public Selection enter(RawPath name, Path directory) {
            return REST;
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
    private static final Set<String> PLACES = Set.of("gitdir", "commondir", "locked");
    private static final Set<String> COMMON = Set.of(
            "objects", "refs", "packed-refs", "reftable", "config", "info", "logs", "shallow", "lfs", "description");
    // Besides credentials: keys of git-crypt, logs of git's own housekeeping; copies of the configuration that an
    // editor or git itself left, and locks, which would stop
    // every git command in the guest.
    private static final Pattern LEFT_OUT = Pattern.compile(
            "hooks|config.+|\\.config.*|.*(credential|creds|secret|token|passw).*|git-crypt|cookies.*|.*\\.lock|gc\\.log",
            Pattern.CASE_INSENSITIVE);

    @Override
    public boolean gitRules() {
        return false;
    }

    private static Selection withinRepository(RawPath name) {
        return switch (name.bytes()) {
            case "objects" -> GitObjects.OWN;
            case "lfs" -> LFS;
            default -> WITH_URLS.contains(name.bytes()) ? TEXT : REST;
        };
    }

    private static Treatment ofMovedEntry(String name, boolean directory) {
        if (REPOSITORIES.contains(name) || PLACES.contains(name)) {
            return Treatment.LEFT_OUT;
        }
        Treatment treatment = ofRepositoryEntry(name, directory);
        return treatment == Treatment.CONFIG_CLEANED ? Treatment.CONFIG_MOVED : treatment;
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
