package dev.thaw.runner.api;

import dev.thaw.runner.workspace.RawPath;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A job's artifacts, all in an archive or one by one. Links are sent as links and never followed. */
final class ArtifactFiles {
    private final Path root;

    ArtifactFiles(Path root) {
        this.root = root;
    }

    /** The archive; an empty one if there are none. */
    void sendAll(Call call) throws IOException {
        OutputStream out = call.stream("application/x-tar");
        // Not closed if it fails: it must not look whole then.
        // Each character is a byte: names need not be UTF-8, and the guest's GNU tar sent them like this.
        var tar = new TarArchiveOutputStream(out, StandardCharsets.ISO_8859_1.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
        if (Files.isDirectory(root)) {
            addAll(tar, root, RawPath.ROOT);
        }
        tar.close();
    }

    private static void addAll(TarArchiveOutputStream tar, Path directory, RawPath at) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                RawPath name = at.child(RawPath.nameOf(file));
                BasicFileAttributes attributes =
                        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                add(tar, file, name, attributes);
                if (attributes.isDirectory()) {
                    addAll(tar, file, name);
                }
            }
        }
    }

    private static void add(TarArchiveOutputStream tar, Path file, RawPath name, BasicFileAttributes attributes)
            throws IOException {
        TarArchiveEntry entry;
        if (attributes.isSymbolicLink()) {
            entry = new TarArchiveEntry(name.bytes(), TarConstants.LF_SYMLINK);
            entry.setLinkName(RawPath.targetOf(file).bytes());
        } else {
            entry = new TarArchiveEntry(attributes.isDirectory() ? name.bytes() + "/" : name.bytes());
            entry.setMode(mode(file, attributes));
        }
        entry.setModTime(attributes.lastModifiedTime().toMillis());
        if (attributes.isRegularFile()) {
            entry.setSize(attributes.size());
        }
        tar.putArchiveEntry(entry);
        if (attributes.isRegularFile()) {
            Files.copy(file, tar);
        }
        tar.closeArchiveEntry();
    }

    private static int mode(Path file, BasicFileAttributes attributes) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
        int mode = attributes.isDirectory() ? 0040000 : 0100000;
        String word = PosixFilePermissions.toString(permissions);
        for (int i = 0; i < word.length(); i++) {
            mode |= word.charAt(i) == '-' ? 0 : 1 << (word.length() - 1 - i);
        }
        return mode;
    }

    /**
     * A file or a link.
     *
     * @param bytes of a file that can be had by its path
     */
    record Entry(String path, Optional<Long> bytes) {}

    /** All but directories, by path. */
    List<Entry> list() throws IOException {
        var found = new TreeMap<RawPath, Optional<Long>>();
        if (Files.isDirectory(root)) {
            listAll(root, RawPath.ROOT, found);
        }
        return found.entrySet().stream()
                .map(file -> new Entry(
                        new String(file.getKey().bytes().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8),
                        file.getValue()))
                .toList();
    }

    private static void listAll(Path directory, RawPath at, Map<RawPath, Optional<Long>> found) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                RawPath name = at.child(RawPath.nameOf(file));
                BasicFileAttributes attributes =
                        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (attributes.isDirectory()) {
                    listAll(file, name, found);
                } else {
                    found.put(name, attributes.isRegularFile() ? Optional.of(attributes.size()) : Optional.empty());
                }
            }
        }
    }

    /** One regular file below the directory, reached through directories alone. */
    void send(List<String> segments, Call call) throws ProblemException, IOException {
        Path at = root;
        for (String segment : segments) {
            if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS) || !plain(segment)) {
                throw notThere();
            }
            at = child(at, segment);
        }
        if (!Files.isRegularFile(at, LinkOption.NOFOLLOW_LINKS)) {
            throw notThere();
        }
        OutputStream out = call.stream("application/octet-stream", Files.size(at));
        Files.copy(at, out);
        out.close();
    }

    /** What has this name, in UTF-8, whatever names are to this JVM. */
    private static Path child(Path directory, String name) throws ProblemException, IOException {
        String bytes = new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (bytes.equals(name)) {
            return directory.resolve(name);
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (RawPath.nameOf(file).bytes().equals(bytes)) {
                    return file;
                }
            }
        }
        throw notThere();
    }

    private static boolean plain(String segment) {
        return !segment.isEmpty()
                && !segment.equals(".")
                && !segment.equals("..")
                && segment.indexOf('/') < 0
                && segment.indexOf('\0') < 0;
    }

    private static ProblemException notThere() {
        return Problem.NOT_FOUND.with("the job has no such artifact, or it is no file");
    }
}
