package dev.thaw.runner.workspace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/** A real repository whose user and machine have no git configuration. */
final class GitFixture {
    private final Path workTree;

    GitFixture(Path workTree) {
        this.workTree = workTree;
    }

    static GitFixture init(Path workTree) throws GitAPIException {
        SystemReader.setInstance(new Unconfigured(SystemReader.getInstance()));
        Git.init().setDirectory(workTree.toFile()).call().close();
        return new GitFixture(workTree);
    }

    /** Writes a file and its directories. */
    GitFixture write(String name, String content) throws IOException {
        Path file = workTree.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, content);
        return this;
    }

    /** Makes git track a file; one that is to be ignored as well, before the rules are written. */
    GitFixture track(String name) throws IOException, GitAPIException {
        try (Git git = Git.open(workTree.toFile())) {
            git.add().addFilepattern(name).call();
        }
        return this;
    }

    GitFixture commit() throws IOException, GitAPIException {
        try (Git git = Git.open(workTree.toFile())) {
            git.commit()
                    .setMessage("x")
                    .setAuthor("a", "a@example.org")
                    .setCommitter("a", "a@example.org")
                    .setSign(false)
                    .call();
        }
        return this;
    }

    private static final class Unconfigured extends SystemReader.Delegate {
        Unconfigured(SystemReader delegate) {
            super(delegate);
        }

        @Override
        public FileBasedConfig openSystemConfig(@Nullable Config parent, FS fs) {
            return new Empty(parent, fs);
        }

        @Override
        public FileBasedConfig openUserConfig(@Nullable Config parent, FS fs) {
            return new Empty(parent, fs);
        }

        @Override
        public FileBasedConfig openJGitConfig(@Nullable Config parent, FS fs) {
            return new Empty(parent, fs);
        }
    }

    private static final class Empty extends FileBasedConfig {
        Empty(@Nullable Config parent, FS fs) {
            super(parent, Path.of("no-such-file").toFile(), fs);
        }

        @Override
        public void load() {
            // There is nothing to load.
        }

        @Override
        public void save() {
            // And nothing is kept.
        }

        @Override
        public boolean isOutdated() {
            return false;
        }
    }
}
