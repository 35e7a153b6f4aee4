package dev.thaw.runner.workspace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a work tree's repository is. Found by a look at two files, so that a directory without git costs nothing.
 *
 * @param own what belongs to this work tree alone: HEAD and the index
 * @param common what all work trees of the repository share: its configuration, info/exclude
 */
record GitRepository(Path own, Path common) {
    private static final String LINK = "gitdir: ";

    /** The repository whose work tree begins in exactly this directory. */
    static Optional<GitRepository> at(Path directory) {
        Path dotGit = directory.resolve(".git");
        try {
            if (Files.isDirectory(dotGit)) {
                return existing(dotGit);
            }
            // A linked work tree or a submodule: a file that names the place.
            String text = Files.isRegularFile(dotGit) ? Files.readString(dotGit).strip() : "";
            return text.startsWith(LINK)
                    ? existing(directory.resolve(text.substring(LINK.length())).normalize())
                    : Optional.empty();
        } catch (IOException | InvalidPathException e) {
            // Not a repository that could be used; the file itself is packed or refused like any other.
            return Optional.empty();
        }
    }

    /** Whether the file {@code .git} of this directory names its repository by a relative path. */
    static boolean isRelative(Path directory) throws IOException {
        String text = Files.readString(directory.resolve(".git")).strip();
        return !Path.of(text.substring(LINK.length())).isAbsolute();
    }

    /** Whether a directory, whatever it is called, looks like a repository to git: a bare one, or a separated one. */
    static boolean isOne(Path directory) {
        return Files.isRegularFile(directory.resolve("HEAD"))
                && Files.isDirectory(directory.resolve("objects"))
                && Files.isDirectory(directory.resolve("refs"));
    }

    private static Optional<GitRepository> existing(Path own) throws IOException {
        // As git does: a directory that happens to be called .git is no repository.
        if (!Files.isRegularFile(own.resolve("HEAD"))) {
            return Optional.empty();
        }
        Path link = own.resolve("commondir");
        if (!Files.isRegularFile(link)) {
            return Optional.of(new GitRepository(own, own));
        }
        String common = Files.readString(link, StandardCharsets.UTF_8).strip();
        return Optional.of(new GitRepository(own, own.resolve(common).normalize()));
    }
}
