package dev.thaw.runner.artifact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** An archive as a guest may send it: honest, or not. Names are bytes. */
final class TestArchive {
    static final long TIME = 981_173_106_000L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar;
    private final Set<ArtifactName> names = new LinkedHashSet<>();

    TestArchive() {
        tar = new TarArchiveOutputStream(bytes, ISO_8859_1.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
    }

    TestArchive file(String name, String content) {
        return file(name, content, 0644);
    }

    TestArchive file(String name, String content, int mode) {
        return entry(name, TarConstants.LF_NORMAL, "", content, mode);
    }

    TestArchive directory(String name, int mode) {
        return entry(name + "/", TarConstants.LF_DIR, "", "", mode);
    }

    TestArchive link(String name, String target) {
        return entry(name, TarConstants.LF_SYMLINK, target, "", 0777);
    }

    TestArchive entry(String name, byte kind, String target) {
        return entry(name, kind, target, "", 0644);
    }

    /** A file whose header says another size than its content has. */
    TestArchive fileThatClaims(String name, long size) {
        file(name, "");
        byte[] all = bytes.toByteArray();
        int header = all.length - 512;
        byte[] field = String.format("%011o ", size).getBytes(ISO_8859_1);
        System.arraycopy(field, 0, all, header + 124, field.length);
        checksum(all, header);
        bytes.reset();
        bytes.writeBytes(all);
        return this;
    }

    private static void checksum(byte[] all, int header) {
        java.util.Arrays.fill(all, header + 148, header + 156, (byte) ' ');
        int sum = 0;
        for (int i = header; i < header + 512; i++) {
            sum += all[i] & 0xff;
        }
        byte[] field = String.format("%06o\0 ", sum).getBytes(ISO_8859_1);
        System.arraycopy(field, 0, all, header + 148, field.length);
    }

    private TestArchive entry(String name, byte kind, String target, String content, int mode) {
        try {
            TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
            byte[] data = content.getBytes(ISO_8859_1);
            entry.setSize(data.length);
            entry.setMode(mode);
            entry.setModTime(TIME);
            entry.setIds(12345, 54321);
            entry.setLinkName(target);
            tar.putArchiveEntry(entry);
            tar.write(data);
            tar.closeArchiveEntry();
            tar.flush();
            names.add(ArtifactName.parse(name.endsWith("/") ? name.substring(0, name.length() - 1) : name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ArtifactRefusedException e) {
            // Never asked for, then.
            return this;
        }
        return this;
    }

    /** All names that can be asked for. */
    Set<ArtifactName> names() {
        return names;
    }

    byte[] bytesSoFar() {
        return bytes.toByteArray();
    }

    byte[] bytes() {
        byte[] body = bytes.toByteArray();
        // The end of an archive, and what GNU tar fills its last block with.
        return java.util.Arrays.copyOf(body, (body.length + 1024 + 10239) / 10240 * 10240);
    }

    InputStream stream() {
        return new ByteArrayInputStream(bytes());
    }
}
