package dev.thaw.runner.workspace;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * A directory that is held open. What is in it is reached through it and never through its name, so that whoever puts a
 * link in the place of a directory above changes nothing.
 */
final class OpenDirectory implements AutoCloseable {
    private final Path path;
    private final SecureDirectoryStream<Path> stream;

    private OpenDirectory(Path path, SecureDirectoryStream<Path> stream) {
        this.path = path;
        this.stream = stream;
    }

    @SuppressWarnings("StreamResourceLeak") // It is kept: close() closes it.
    static OpenDirectory of(Path path) throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(path);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return new OpenDirectory(path, secure);
        }
        stream.close();
        throw new IOException("directories of this file system cannot be held open");
    }

    /** Its name, for what is no secret whoever stands there now: ignore rules, where a link points to. */
    Path path() {
        return path;
    }

    /** What is in it; sorted, so that the same tree gives the same archive. To be asked once. */
    Map<RawPath, Path> children() throws IOException {
        var children = new TreeMap<RawPath, Path>();
        try {
            for (Path child : stream) {
                children.put(RawPath.nameOf(child), child);
            }
            return children;
        } catch (DirectoryIteratorException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    PosixFileAttributes attributes(Path child) throws IOException {
        return stream.getFileAttributeView(child.getFileName(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    /** Opens a directory in here, unless it has become a link. */
    OpenDirectory enter(Path child) throws IOException {
        try {
            var inner = stream.newDirectoryStream(child.getFileName(), LinkOption.NOFOLLOW_LINKS);
            return new OpenDirectory(child, inner);
        } catch (FileSystemException e) {
            throw attributes(child).isDirectory() ? e : replaced(child);
        }
    }

    /** Opens a file in here, unless it has become a link. */
    SeekableByteChannel open(Path child) throws IOException {
        try {
            return stream.newByteChannel(
                    child.getFileName(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException e) {
            throw e;
        } catch (FileSystemException e) {
            throw attributes(child).isRegularFile() ? e : replaced(child);
        }
    }

    private static FileSystemException replaced(Path child) {
        return new FileSystemException(child.toString(), null, "it was replaced by something else while it was packed");
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            // It was only read from; nothing can be lost.
            return;
        }
    }
}
