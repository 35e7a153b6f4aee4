package dev.thaw.runner.workspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
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

    /** The same with holes: the pieces' bytes must be written, one after the other. */
    void beginFile(RawPath path, SparseMap map, PosixFileAttributes attributes) throws IOException {
        if (!map.hasHoles()) {
            beginFile(path, map.size(), attributes);
            return;
        }
        byte[] text = sparseMapText(map);
        putPaxHeader(
                record("GNU.sparse.major", "1"),
                record("GNU.sparse.minor", "0"),
                record("GNU.sparse.name", path.bytes()),
                record("GNU.sparse.realsize", String.valueOf(map.size())),
                record("mtime", mtime(attributes)));
        // Nothing about it may need a PAX header of its own: of two in a row only the last one counts.
        var entry = owned(new TarArchiveEntry("GNUSparseFile.0/file", TarConstants.LF_NORMAL), attributes);
        entry.setModTime(attributes.lastModifiedTime().to(TimeUnit.SECONDS) * 1000);
        entry.setSize(text.length + map.dataBytes());
        tar.putArchiveEntry(entry);
        tar.write(text);
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
        var entry = owned(new TarArchiveEntry(standIn(path), type), attributes);
        entry.setLastModifiedTime(attributes.lastModifiedTime());
        return entry;
    }

    private static TarArchiveEntry owned(TarArchiveEntry entry, PosixFileAttributes attributes) {
        entry.setMode(mode(attributes));
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

    /** GNU tar's format 1.0: the number of pieces, where each begins and its length, in whole blocks. */
    private static byte[] sparseMapText(SparseMap map) {
        var text = new StringBuilder().append(map.pieces().size() + 1).append('\n');
        for (SparseMap.Piece piece : map.pieces()) {
            text.append(piece.offset()).append('\n').append(piece.length()).append('\n');
        }
        // An empty one at the end, or a hole at the end would be lost.
        text.append(map.size()).append('\n').append(0).append('\n');
        return Arrays.copyOf(text.toString().getBytes(ISO_8859_1), (text.length() + 511) & ~511);
    }

    // GNU tar takes any bytes in a PAX header as they are.
    private void putPaxHeader(String... records) throws IOException {
        byte[] bytes = String.join("", records).getBytes(ISO_8859_1);
        var header = new TarArchiveEntry("PaxHeaders/file", TarConstants.LF_PAX_EXTENDED_HEADER_LC);
        header.setSize(bytes.length);
        header.setModTime(0);
        tar.putArchiveEntry(header);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    /** A record begins with its own length, of which the digits count. */
    private static String record(String name, String value) {
        String rest = " " + name + "=" + value + "\n";
        int length = rest.length() + 1;
        while (String.valueOf(length).length() + rest.length() != length) {
            length++;
        }
        return length + rest;
    }

    private static String mtime(PosixFileAttributes attributes) {
        Instant time = attributes.lastModifiedTime().toInstant();
        return new BigDecimal(BigInteger.valueOf(time.getEpochSecond()))
                .add(BigDecimal.valueOf(time.getNano(), 9))
                .toPlainString();
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
