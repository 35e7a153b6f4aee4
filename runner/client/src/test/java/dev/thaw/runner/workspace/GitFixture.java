package dev.thaw.runner.workspace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;

/** A real repository whose user and machine have no git configuration. */
final class GitFixture {
    private final Path workTree;

    GitFixture(Path workTree) {
        this.workTree = workTree;
    }

    static GitFixture init(Path workTree) throws GitAPIException {
        NoGitConfiguration.ofThisProcess();
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
}
