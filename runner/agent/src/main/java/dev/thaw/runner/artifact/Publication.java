package dev.thaw.runner.artifact;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves an accepted tree into the output directory, by rename alone. Directories that both have are merged; all that is
 * in the way is found before the first move.
 *
 * <p>The output directory may be one that others write to. So it is walked by open descriptors (openat, renameat), no
 * link in it is followed, and a directory that somebody swaps for a link meanwhile is an error, not a way out.
 */
final class Publication {
    private final Staging staging;
    private final Path output;

    /** From the staging directory of an output directory into that one. */
    Publication(Staging staging, Path output) {
        this.staging = staging;
        this.output = output;
    }

    /**
     * Moves all of it.
     *
     * @throws ArtifactRefusedException if something of another kind is in the way, or if one of the links would lead
     *     through a link that is there already; nothing was moved then
     */
    void publish(Map<ArtifactName, String> links) throws ArtifactRefusedException, IOException {
        try (DirectoryStream<Path> to = Files.newDirectoryStream(output);
                // Through the descriptor: if somebody has put another directory in its place, the tree is not in there.
                SecureDirectoryStream<Path> above =
                        secure(to).newDirectoryStream(staging.name(), LinkOption.NOFOLLOW_LINKS);
                SecureDirectoryStream<Path> from = above.newDirectoryStream(Staging.TREE, LinkOption.NOFOLLOW_LINKS)) {
            merge(from, secure(to), "", false);
            for (var link : links.entrySet()) {
                checkLink(link.getKey(), link.getValue());
            }
            merge(from, secure(to), "", true);
        }
    }

    private SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new IOException("this system cannot walk " + output + " by descriptors");
    }

    private static void merge(
            SecureDirectoryStream<Path> from, SecureDirectoryStream<Path> to, String where, boolean move)
            throws ArtifactRefusedException, IOException {
        Set<String> parts = new HashSet<>();
        for (Path name : names(from)) {
            BasicFileAttributes there = attributes(to, name);
            boolean directory = isDirectory(from, name);
            String shown = where + name;
            if (there != null && there.isDirectory() != directory) {
                throw new ArtifactRefusedException("artifact " + ArtifactName.shown(shown) + " is "
                        + (directory ? "a directory" : "not a directory")
                        + ", and what the output directory has of that"
                        + " name is " + (directory ? "not" : "one") + "; move it away, or name another with --out");
            }
            if (there != null && directory) {
                try (SecureDirectoryStream<Path> inner = from.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
                        SecureDirectoryStream<Path> outer = to.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                    merge(inner, outer, shown + "/", move);
                }
            } else if (move) {
                from.move(name, to, name);
            }
            note(name, parts);
        }
        if (!move && !parts.isEmpty()) {
            // Neither may a repository come in two halves, from two runs.
            for (Path name : names(to)) {
                note(name, parts);
            }
            if (GitNames.isRepository(parts)) {
                throw EntryNames.repository(where.isEmpty() ? "." : where);
            }
        }
    }

    /** What a link leads through must be of this archive or no link: whoever made that one may have meant it to lead out. */
    private void checkLink(ArtifactName link, String target) throws ArtifactRefusedException {
        Path at = Path.of("");
        for (Path part : HostPaths.relative(link.bytes())
                .resolveSibling(HostPaths.relative(target))
                .normalize()) {
            at = at.resolve(part);
            if (!Files.exists(staging.tree().resolve(at), LinkOption.NOFOLLOW_LINKS)
                    && Files.isSymbolicLink(output.resolve(at))) {
                throw new ArtifactRefusedException("link " + link + " -> " + ArtifactName.printable(target)
                        + " leads through a link that the output directory has already, "
                        + ArtifactName.shown(at.toString())
                        + "; delete that one, or name another directory with --out");
            }
        }
    }

    private static void note(Path name, Set<String> parts) {
        String folded = name.toString().toLowerCase(Locale.ROOT);
        if (GitNames.isRepositoryPart(folded)) {
            parts.add(folded);
        }
    }

    private static List<Path> names(SecureDirectoryStream<Path> directory) throws IOException {
        // A stream can be read once, but what it is a descriptor of can be opened again.
        var names = new ArrayList<Path>();
        try (SecureDirectoryStream<Path> again =
                directory.newDirectoryStream(Path.of("."), LinkOption.NOFOLLOW_LINKS)) {
            again.forEach(entry -> names.add(entry.getFileName()));
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    private static boolean isDirectory(SecureDirectoryStream<Path> in, Path name) throws IOException {
        BasicFileAttributes attributes = attributes(in, name);
        if (attributes == null) {
            throw new NoSuchFileException(name.toString());
        }
        return attributes.isDirectory();
    }

    private static @Nullable BasicFileAttributes attributes(SecureDirectoryStream<Path> in, Path name)
            throws IOException {
        try {
            return in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
