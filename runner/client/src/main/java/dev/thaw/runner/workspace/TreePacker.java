package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Walks one tree and writes what its selection takes. Links are written as links; nothing is opened through one. */
final class TreePacker {
    private static final int BUFFER = 1 << 16;

    /** What is left of Linux's 4,095 bytes for a path below the guest's {@code /workspace}. */
    private static final int LONGEST = 4095 - "/workspace/".length();

    private final Path root;
    private final TarWriter tar;
    private final byte[] buffer = new byte[BUFFER];
    private final List<String> skipped = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long files;
    private long bytes;
    private boolean gitRules;

    TreePacker(Path root, TarWriter tar) {
        this.root = root;
        this.tar = tar;
    }

    PackedWorkspace pack(Selection selection) throws RunnerException, IOException {
        packTree(root, RawPath.ROOT, selection);
        tar.finish();
        return new PackedWorkspace(files, bytes, skipped, gitRules, notes);
    }

    private void packTree(Path top, RawPath path, Selection selection) throws RunnerException, IOException {
        try (OpenDirectory directory = reading(path, () -> OpenDirectory.of(top))) {
            packDirectory(directory, path, selection);
        }
    }

    private void packDirectory(OpenDirectory directory, RawPath path, Selection selection)
            throws RunnerException, IOException {
        gitRules |= selection.gitRules();
        for (Map.Entry<RawPath, Path> child : reading(path, directory::children).entrySet()) {
            RawPath name = child.getKey();
            Path file = child.getValue();
            RawPath full = path.child(name);
            PosixFileAttributes attributes = reading(full, () -> directory.attributes(file));
            Treatment treatment = selection.of(name, attributes.isDirectory());
            if (treatment == Treatment.LEFT_OUT) {
                continue;
            }
            checkLength(full);
            if (attributes.isDirectory()) {
                tar.directory(full, attributes);
                try (OpenDirectory inner = reading(full, () -> directory.enter(file))) {
                    packDirectory(inner, full, selection.enter(name, file));
                }
            } else {
                packEntry(new Entry(directory, file, full, attributes), treatment);
            }
        }
        for (Selection.Addition addition : selection.additions(directory.path())) {
            notes.add(path + " " + addition.reason() + "; they go along");
            packTree(addition.directory(), path, addition.selection());
        }
    }

    /** What is no directory. */
    private record Entry(OpenDirectory directory, Path file, RawPath path, PosixFileAttributes attributes) {
        SeekableByteChannel open() throws RunnerException {
            return reading(path, () -> directory.open(file));
        }
    }

    private void packEntry(Entry entry, Treatment treatment) throws RunnerException, IOException {
        if (entry.attributes.isSymbolicLink()) {
            tar.link(entry.path, reading(entry.path, () -> RawPath.targetOf(entry.file)), entry.attributes);
            files++;
        } else if (!entry.attributes.isRegularFile()) {
            skipped.add(entry.path.toString());
        } else if (treatment == Treatment.AS_IS) {
            packFile(entry);
        } else if (treatment == Treatment.GIT_FILE) {
            packGitFile(entry);
        } else {
            packContent(entry, cleaned(entry, treatment));
        }
    }

    private void packFile(Entry entry) throws RunnerException, IOException {
        long size = entry.attributes.size();
        try (SeekableByteChannel in = entry.open()) {
            SparseMap map = size < SparseMap.SHORTEST
                    ? SparseMap.dense(size)
                    : reading(entry.path, () -> SparseMap.of(in, size));
            tar.beginFile(entry.path, map, entry.attributes);
            for (SparseMap.Piece piece : map.pieces()) {
                copy(in, piece, entry.path);
            }
            if (reading(entry.path, in::size) > size) {
                throw changed(entry.path, "grew");
            }
            checkUnchanged(entry);
            tar.endFile();
            bytes += map.dataBytes();
        }
        files++;
    }

    private void copy(SeekableByteChannel in, SparseMap.Piece piece, RawPath path) throws RunnerException, IOException {
        reading(path, () -> in.position(piece.offset()));
        for (long left = piece.length(); left > 0; ) {
            var part = ByteBuffer.wrap(buffer, 0, (int) Math.min(left, BUFFER));
            int count = reading(path, () -> in.read(part));
            if (count < 0) {
                throw changed(path, "shrank");
            }
            tar.write(buffer, count);
            left -= count;
        }
    }

    /** Nobody wrote to it between the first look at it and the last byte that was read, nor put another in its place. */
    private static void checkUnchanged(Entry entry) throws RunnerException {
        PosixFileAttributes before = entry.attributes;
        PosixFileAttributes now = reading(entry.path, () -> entry.directory.attributes(entry.file));
        if (!now.lastModifiedTime().equals(before.lastModifiedTime())
                || !Objects.equals(now.fileKey(), before.fileKey())) {
            throw changed(entry.path, "was written to");
        }
    }

    private void packGitFile(Entry entry) throws RunnerException, IOException {
        GitFile what = GitFile.of(entry.directory.path(), root);
        if (what instanceof GitFile.Elsewhere elsewhere) {
            packRepository(elsewhere.repository(), entry.path);
        } else if (what instanceof GitFile.Renamed renamed) {
            packContent(entry, renamed.content().getBytes(StandardCharsets.UTF_8));
        } else if (what instanceof GitFile.AsItIs asItIs) {
            asItIs.note()
                    .ifPresent(note -> notes.add("git will not work in the guest with " + entry.path + ": " + note));
            packFile(entry);
        } else {
            throw new AssertionError(what);
        }
    }

    /** What all work trees share comes first, so that this one's own state wins. */
    private void packRepository(GitRepository repository, RawPath path) throws RunnerException, IOException {
        tar.directory(path, reading(path, () -> Files.readAttributes(repository.own(), PosixFileAttributes.class)));
        if (!repository.common().equals(repository.own())) {
            packTree(repository.common(), path, GitPart.SHARED);
        }
        packTree(repository.own(), path, GitPart.MOVED);
    }

    private void packContent(Entry entry, byte[] content) throws IOException {
        tar.beginFile(entry.path, content.length, entry.attributes);
        tar.write(content, content.length);
        tar.endFile();
        files++;
        bytes += content.length;
    }

    private static byte[] cleaned(Entry entry, Treatment treatment) throws RunnerException {
        return reading(entry.path, () -> {
            try (var in = Channels.newInputStream(entry.directory.open(entry.file))) {
                byte[] content = in.readAllBytes();
                return switch (treatment) {
                    case CONFIG_CLEANED -> GitConfigCleaner.clean(content);
                    case CONFIG_MOVED -> GitConfigCleaner.cleanMoved(content);
                    case URLS_CLEANED -> UrlCleaner.clean(content);
                    case AS_IS, LEFT_OUT, GIT_FILE -> throw new AssertionError(treatment);
                };
            }
        });
    }

    private static void checkLength(RawPath path) throws RunnerException {
        if (path.bytes().length() > LONGEST) {
            throw new RunnerException(
                    Fault.WORKSPACE,
                    "cannot pack " + path + ": its path has " + path.bytes().length()
                            + " bytes, of which a guest can open " + LONGEST);
        }
    }

    /** Something that reads from the tree. */
    private interface Reading<T> {
        T read() throws IOException;
    }

    /** What cannot be read is the workspace's fault; what cannot be written is not. */
    private static <T> T reading(RawPath path, Reading<T> reading) throws RunnerException {
        try {
            return reading.read();
        } catch (IOException e) {
            String what = path.equals(RawPath.ROOT) ? "the working directory" : path.toString();
            throw new RunnerException(Fault.WORKSPACE, "cannot pack " + what + ": " + Reason.of(e), e);
        }
    }

    private static RunnerException changed(RawPath path, String how) {
        return new RunnerException(
                Fault.WORKSPACE,
                "cannot pack " + path + ": it " + how + " meanwhile; stop what writes it and try again");
    }
}
