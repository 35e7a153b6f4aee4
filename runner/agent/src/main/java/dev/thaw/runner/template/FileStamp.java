package dev.thaw.runner.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * What is known of a published file. Every way of writing to a file moves its change time, which no call can set, so
 * equal inode, size and change time mean an unchanged file; anything else is settled by the digest.
 *
 * @param size bytes
 * @param inode the file system's number
 * @param changed the inode's change time
 * @param sha256 of the content, see {@link Digests#sparseSha256}
 */
public record FileStamp(long size, long inode, Instant changed, String sha256) {
    /** Reads the whole file once. */
    public static FileStamp of(Path file) throws IOException {
        String digest = Digests.sparseSha256(file);
        return new FileStamp(Files.size(file), inode(file), changed(file), digest);
    }

    /** Whether the file is still the one that was stamped, as far as can be told without reading it. */
    public boolean untouched(Path file) throws IOException {
        return Files.size(file) == size && inode(file) == inode && changed(file).equals(changed);
    }

    /** Whether the file's content is still the one that was stamped; reads it. */
    public boolean sameContent(Path file) throws IOException {
        return Files.size(file) == size && Digests.sparseSha256(file).equals(sha256);
    }

    private static long inode(Path file) throws IOException {
        return (long) Files.getAttribute(file, "unix:ino");
    }

    private static Instant changed(Path file) throws IOException {
        return ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant();
    }
}
