package dev.thaw.runner.workspace;

import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.FS_POSIX;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/**
 * A machine and a user without git configuration, as JGit sees them. JGit has one view of its host for a whole process,
 * so this is for a process that uses JGit for nothing else.
 */
final class NoGitConfiguration extends SystemReader.Delegate {
    private static final int UMASK = 0022;

    private NoGitConfiguration(SystemReader host) {
        super(host);
    }

    /** From now on; once is enough. */
    static synchronized void ofThisProcess() {
        if (!(SystemReader.getInstance() instanceof NoGitConfiguration)) {
            SystemReader.setInstance(new NoGitConfiguration(SystemReader.getInstance()));
        }
    }

    /** The host's file system; JGit would run a shell to ask for the umask. */
    static FS files() {
        FS files = FS.DETECTED.newInstance();
        if (files instanceof FS_POSIX posix) {
            posix.setUmask(UMASK);
        }
        return files;
    }

    @Override
    public @Nullable String getenv(String variable) {
        // GIT_DIR, GIT_CONFIG_NOSYSTEM and their like are about somebody else's repository.
        return variable.startsWith("GIT_") ? null : super.getenv(variable);
    }

    @Override
    public FileBasedConfig openSystemConfig(@Nullable Config parent, FS fs) {
        return new Nothing(parent, fs);
    }

    @Override
    public FileBasedConfig openUserConfig(@Nullable Config parent, FS fs) {
        return new Nothing(parent, fs);
    }

    @Override
    public FileBasedConfig openJGitConfig(@Nullable Config parent, FS fs) {
        return new Nothing(parent, fs);
    }

    private static final class Nothing extends FileBasedConfig {
        Nothing(@Nullable Config parent, FS fs) {
            super(parent, java.nio.file.Path.of("/nonexistent").toFile(), fs);
        }

        @Override
        public void load() {
            // There is nothing to load.
        }

        @Override
        public void save() {
            // JGit would keep here what it measures of file systems.
        }

        @Override
        public boolean isOutdated() {
            return false;
        }
    }
}
