package dev.thaw.runner.workspace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.jspecify.annotations.Nullable;

/** What becomes of a {@code .git} that is a file and names the place of a repository, for git to work in the guest. */
sealed interface GitFile {
    /** It goes along unchanged; with a word about why git will not work in the guest, if it will not. */
    record AsItIs(Optional<String> note) implements GitFile {}

    /** The repository goes along where it is; only its name is another. */
    record Renamed(String content) implements GitFile {}

    /** The repository is outside the tree: it goes along in the place of the file. */
    record Elsewhere(GitRepository repository) implements GitFile {}

    /** Looks at the {@code .git} of a directory of the tree that begins at {@code root}, both without links. */
    static GitFile of(Path directory, Path root) {
        Optional<GitRepository> found = GitRepository.at(directory);
        if (found.isEmpty()) {
            return new AsItIs(Optional.of("it names no repository that is there"));
        }
        GitRepository repository = found.get();
        try {
            Path own = repository.own().toRealPath();
            if (own.startsWith(root)) {
                return GitRepository.isRelative(directory)
                        ? new AsItIs(Optional.empty())
                        : new Renamed("gitdir: " + directory.relativize(own) + "\n");
            }
            // Whoever made the tree may have written any name there: only a repository that knows the tree is taken.
            return namesBack(repository.own(), directory)
                    ? new Elsewhere(repository)
                    : new AsItIs(Optional.of("the repository it names, " + own + ", does not know this directory"));
        } catch (IOException | ConfigInvalidException | InvalidPathException e) {
            return new AsItIs(Optional.of("the repository it names cannot be read"));
        }
    }

    private static boolean namesBack(Path own, Path directory) throws IOException, ConfigInvalidException {
        Path link = own.resolve("gitdir");
        if (Files.isRegularFile(link)) {
            Path named = own.resolve(Files.readString(link).strip()).normalize();
            Path parent = named.getParent();
            return parent != null && same(parent, directory);
        }
        String named = workTree(own.resolve("config.worktree"));
        named = named == null ? workTree(own.resolve("config")) : named;
        return named != null && same(own.resolve(named), directory);
    }

    private static boolean same(Path one, Path other) throws IOException {
        return Files.exists(one) && one.toRealPath().equals(other.toRealPath());
    }

    private static @Nullable String workTree(Path file) throws IOException, ConfigInvalidException {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        var config = new Config();
        config.fromText(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        return config.getString("core", null, "worktree");
    }
}
