package dev.thaw.runner.artifact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks one archive of a guest, of which nothing is believed, into a directory that nobody else can enter.
 *
 * <p>Links are made when all else is written, so that nothing is ever written through one. What is refused ends it all:
 * the directory is rubbish then.
 */
final class ArchiveUnpacker {
    private static final int BUFFER = 128 << 10;
    /** What may come behind the end of the archive: GNU tar fills its last block. */
    private static final int TAIL = 1 << 20;

    private static final long LATEST = 1L << 33;

    private final HostPaths paths;
    private final @Nullable Set<String> wanted;
    private final ArtifactLimits limits;
    private final EntryNames names;
    private final Set<String> made = new HashSet<>(Set.of(""));
    private final Map<ArtifactName, String> links = new LinkedHashMap<>();
    private final List<Directory> directories = new ArrayList<>();
    private final byte[] buffer = new byte[BUFFER];
    private long count;
    private long bytes;

    private record Directory(ArtifactName name, int mode, FileTime time) {}

    /**
     * What came out of an archive.
     *
     * @param links where each link points to
     * @param count files, links and the directories that were named
     * @param bytes content of the files
     */
    record Unpacked(Map<ArtifactName, String> links, long count, long bytes) {}

    /** Unpacks these names, each once, and no other. */
    ArchiveUnpacker(Path directory, Set<ArtifactName> wanted, ArtifactLimits limits) {
        this(directory, limits, wanted.stream().map(ArtifactName::bytes).collect(Collectors.toSet()));
    }

    /** Unpacks all names there are. */
    ArchiveUnpacker(Path directory, ArtifactLimits limits) {
        this(directory, limits, (Set<String>) null);
    }

    private ArchiveUnpacker(Path directory, ArtifactLimits limits, @Nullable Set<String> wanted) {
        paths = new HostPaths(directory);
        this.wanted = wanted;
        this.limits = limits;
        names = new EntryNames(limits);
    }

    /**
     * Reads the archive to the end of the stream.
     *
     * @throws ArtifactRefusedException if it is not what was asked for, or nothing that should be on this host
     * @throws IOException if the stream cannot be read or the directory not be written
     */
    Unpacked unpack(InputStream archive) throws ArtifactRefusedException, IOException {
        var meter = new ArchiveMeter(new BufferedInputStream(archive, BUFFER / 2));
        // Bytes, whatever they mean: names need not be UTF-8.
        var tar = new TarArchiveInputStream(meter, ISO_8859_1.name());
        for (TarArchiveEntry entry = next(tar, meter); entry != null; entry = next(tar, meter)) {
            take(entry, tar, meter);
        }
        drain(meter);
        if (wanted != null && !wanted.isEmpty()) {
            throw new ArtifactRefusedException("the guest's archive ends before " + wanted.size()
                    + " of its artifacts, one of them "
                    + ArtifactName.printable(wanted.iterator().next()));
        }
        finish();
        return new Unpacked(links, count, bytes);
    }

    private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar, ArchiveMeter meter)
            throws ArtifactRefusedException {
        meter.allow(ArtifactLimits.METADATA_BYTES);
        try {
            return tar.getNextEntry();
        } catch (IOException | RuntimeException e) {
            throw unreadable(e);
        }
    }

    private static ArtifactRefusedException unreadable(Exception e) {
        return new ArtifactRefusedException(
                "the guest's archive of the artifacts cannot be read: "
                        + ArtifactName.printable(String.valueOf(e.getMessage())),
                e);
    }

    private void take(TarArchiveEntry entry, TarArchiveInputStream tar, ArchiveMeter meter)
            throws ArtifactRefusedException, IOException {
        if (entry.isSparse()) {
            throw refused(entry, "is a sparse file, which the host did not ask for");
        }
        switch (entry.getLinkFlag()) {
            case TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM -> {
                ArtifactName name = ArtifactName.parse(entry.getName());
                names.addFile(name);
                expect(name);
                meter.allow(entry.getSize());
                file(name, entry, tar);
            }
            case TarConstants.LF_DIR -> {
                ArtifactName name = ArtifactName.parse(withoutSlash(entry.getName()));
                names.addDirectory(name);
                expect(name);
                directory(name.bytes());
                directories.add(new Directory(name, entry.getMode(), time(entry)));
            }
            case TarConstants.LF_SYMLINK -> {
                ArtifactName name = ArtifactName.parse(entry.getName());
                names.addFile(name);
                expect(name);
                links.put(name, entry.getLinkName());
            }
            case TarConstants.LF_LINK -> throw refused(entry, "is a hard link");
            case TarConstants.LF_CHR, TarConstants.LF_BLK -> throw refused(entry, "is a device");
            case TarConstants.LF_FIFO -> throw refused(entry, "is a FIFO");
            default -> throw refused(entry, "is of a kind that is no file, directory or link");
        }
        count++;
    }

    private void expect(ArtifactName name) throws ArtifactRefusedException {
        if (wanted != null && !wanted.remove(name.bytes())) {
            throw new ArtifactRefusedException("artifact " + name + " was not asked for");
        }
    }

    private void file(ArtifactName name, TarArchiveEntry entry, TarArchiveInputStream tar)
            throws ArtifactRefusedException, IOException {
        long size = entry.getSize();
        if (size > limits.fileBytes()) {
            throw new ArtifactRefusedException("artifact " + name + " has " + size + " bytes, " + limits.fileBytes()
                    + " are allowed for one file");
        }
        if (bytes + size > limits.totalBytes()) {
            throw new ArtifactRefusedException(
                    "the artifacts have more than the " + limits.totalBytes() + " bytes that are allowed together");
        }
        directory(parent(name.bytes()));
        Path path = paths.of(name.bytes());
        try (FileChannel out = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(
                        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)))) {
            for (long left = size; left > 0; ) {
                int length = read(tar, (int) Math.min(left, buffer.length));
                ByteBuffer piece = ByteBuffer.wrap(buffer, 0, length);
                while (piece.hasRemaining()) {
                    out.write(piece);
                }
                left -= length;
            }
        }
        bytes += size;
        Files.setPosixFilePermissions(path, permissions(entry.getMode()));
        Files.setLastModifiedTime(path, time(entry));
    }

    private int read(TarArchiveInputStream tar, int most) throws ArtifactRefusedException {
        try {
            int length = tar.read(buffer, 0, most);
            if (length <= 0) {
                throw new ArtifactRefusedException("the guest's archive of the artifacts ends within a file");
            }
            return length;
        } catch (IOException | RuntimeException e) {
            throw unreadable(e);
        }
    }

    /** Makes a directory and those it is in. */
    private void directory(String name) throws IOException {
        if (made.add(name)) {
            directory(parent(name));
            Files.createDirectory(paths.of(name));
        }
    }

    private static void drain(ArchiveMeter meter) throws ArtifactRefusedException {
        meter.allow(TAIL);
        byte[] rubbish = new byte[1 << 13];
        try {
            while (meter.read(rubbish, 0, rubbish.length) >= 0) {
                // What tar fills its last block with; the meter ends it if it is more.
            }
        } catch (IOException e) {
            throw new ArtifactRefusedException("the guest's archive of the artifacts goes on behind its end", e);
        }
    }

    private void finish() throws ArtifactRefusedException, IOException {
        for (var link : links.entrySet()) {
            LinkTarget.check(link.getKey(), link.getValue(), names);
        }
        for (var link : links.entrySet()) {
            String name = link.getKey().bytes();
            directory(parent(name));
            Files.createSymbolicLink(paths.of(name), HostPaths.relative(link.getValue()));
        }
        // Deepest first: what is made in a directory changes its time.
        directories.sort((a, b) -> b.name().bytes().compareTo(a.name().bytes()));
        for (Directory directory : directories) {
            Path path = paths.of(directory.name().bytes());
            Set<PosixFilePermission> permissions = permissions(directory.mode());
            // The caller's own to look into and to delete, whatever the build thinks.
            permissions.addAll(PosixFilePermissions.fromString("rwx------"));
            Files.setPosixFilePermissions(path, permissions);
            Files.setLastModifiedTime(path, directory.time());
        }
    }

    /** Read, write and execute; nobody but the owner may write; setuid, setgid and sticky are dropped. */
    private static Set<PosixFilePermission> permissions(int mode) {
        var permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int i = 0; i < all.length; i++) {
            if ((mode & 0755 & (0400 >> i)) != 0) {
                permissions.add(all[i]);
            }
        }
        permissions.add(PosixFilePermission.OWNER_READ);
        return permissions;
    }

    /** The time of the file if it is one that every file system has. */
    private static FileTime time(TarArchiveEntry entry) {
        Instant instant = entry.getLastModifiedTime().toInstant();
        long seconds = Math.min(Math.max(instant.getEpochSecond(), 0), LATEST);
        return FileTime.from(Instant.ofEpochSecond(seconds, instant.getNano()));
    }

    private static String withoutSlash(String name) {
        return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
    }

    private static ArtifactRefusedException refused(TarArchiveEntry entry, String why) {
        return new ArtifactRefusedException("artifact " + ArtifactName.printable(entry.getName()) + " " + why);
    }
}
