package dev.thaw.runner.workspace;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes the entries of a tar archive, all of them owned by the guest's ordinary user. */
final class TarWriter {
    private static final int OWNER = 1000;
    private static final String OWNER_NAME = "build";
    private static final int BUFFER = 1 << 16;

    private final OutputStream out;
    private final TarArchiveOutputStream tar;

    TarWriter(OutputStream out) {
        this.out = new BufferedOutputStream(out, BUFFER);
        tar = new TarArchiveOutputStream(this.out, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    void directory(RawPath path, PosixFileAttributes attributes) throws IOException {
        put(new RawPath(path.bytes() + "/"), TarConstants.LF_DIR, attributes, 0);
        tar.closeArchiveEntry();
    }

    void link(RawPath path, RawPath target, PosixFileAttributes attributes) throws IOException {
        var entry = entry(path, TarConstants.LF_SYMLINK, attributes);
        entry.setLinkName(standIn(target));
        putRawName(TarConstants.LF_GNUTYPE_LONGLINK, target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    /** Begins a file; exactly {@code size} bytes must be written before {@link #endFile}. */
    void beginFile(RawPath path, long size, PosixFileAttributes attributes) throws IOException {
        put(path, TarConstants.LF_NORMAL, attributes, size);
    }

    void write(byte[] bytes, int length) throws IOException {
        tar.write(bytes, 0, length);
    }

    void endFile() throws IOException {
        tar.closeArchiveEntry();
    }

    /**
     * Ends the archive and leaves the stream open. There is no close(): an archive that broke off must not get an end
     * that makes it look whole.
     */
    void finish() throws IOException {
        tar.finish();
        out.flush();
    }

    private void put(RawPath path, byte type, PosixFileAttributes attributes, long size) throws IOException {
        var entry = entry(path, type, attributes);
        entry.setSize(size);
        tar.putArchiveEntry(entry);
    }

    private TarArchiveEntry entry(RawPath path, byte type, PosixFileAttributes attributes) throws IOException {
        putRawName(TarConstants.LF_GNUTYPE_LONGNAME, path);
        var entry = new TarArchiveEntry(standIn(path), type);
        entry.setMode(mode(attributes));
        entry.setLastModifiedTime(attributes.lastModifiedTime());
        entry.setIds(OWNER, OWNER);
        entry.setNames(OWNER_NAME, OWNER_NAME);
        return entry;
    }

    // A PAX header holds UTF-8 only. For names that are none, GNU's older record comes in front of the entry, which
    // holds any bytes and wins over the name in the entry.
    private void putRawName(byte type, RawPath name) throws IOException {
        if (name.utf8().isPresent()) {
            return;
        }
        var record = new TarArchiveEntry(TarConstants.GNU_LONGLINK, type);
        byte[] bytes = name.toBytes();
        record.setSize(bytes.length + 1L);
        record.setModTime(0);
        tar.putArchiveEntry(record);
        tar.write(bytes);
        tar.write(0);
        tar.closeArchiveEntry();
    }

    private static String standIn(RawPath path) {
        return path.utf8()
                .orElseGet(() -> path.bytes().endsWith("/") ? "name-that-is-not-utf8/" : "name-that-is-not-utf8");
    }

    private static int mode(PosixFileAttributes attributes) {
        return attributes.permissions().stream().mapToInt(TarWriter::bit).sum();
    }

    private static int bit(PosixFilePermission permission) {
        return switch (permission) {
            case OWNER_READ -> 0400;
            case OWNER_WRITE -> 0200;
            case OWNER_EXECUTE -> 0100;
            case GROUP_READ -> 0040;
            case GROUP_WRITE -> 0020;
            case GROUP_EXECUTE -> 0010;
            case OTHERS_READ -> 0004;
            case OTHERS_WRITE -> 0002;
            case OTHERS_EXECUTE -> 0001;
        };
    }
}
