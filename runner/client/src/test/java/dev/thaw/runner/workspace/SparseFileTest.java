package dev.thaw.runner.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparseFileTest {
    private static final long MIB = 1 << 20;

    @TempDir
    private Path workspace = Path.of("");

    @TempDir
    private Path guest = Path.of("");

    @Test
    void holesCostNothingAndAreHolesAgain() throws Exception {
        Path file = workspace.resolve("disk.img");
        write(file, 0, "begin");
        write(file, 700 * MIB + 5, "middle");
        truncate(file, 1000 * MIB + 3);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-x---"));
        var time = FileTime.from(Instant.parse("2024-02-29T12:34:56.1234567Z"));
        Files.setLastModifiedTime(file, time);

        PackedWorkspace packed = Tool.packAndUnpack(workspace, guest);

        Path copy = guest.resolve("disk.img");
        assertThat(packed.bytes()).isLessThan(MIB);
        assertThat(Files.mismatch(file, copy)).isEqualTo(-1);
        assertThat(kibibytesOnDisk(copy)).isLessThan(1024);
        assertThat(Files.getLastModifiedTime(copy)).isEqualTo(time);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rw-r-x---");
    }

    @ParameterizedTest
    @ValueSource(longs = {SparseMap.SHORTEST - 1, SparseMap.SHORTEST, SparseMap.SHORTEST + 1, 3 << 20})
    void aFileThatIsOneHoleIsNothingButItsLength(long size) throws Exception {
        truncate(Files.createFile(workspace.resolve("hole")), size);
        Tool.packAndUnpack(workspace, guest);
        assertThat(Files.mismatch(workspace.resolve("hole"), guest.resolve("hole")))
                .isEqualTo(-1);
    }

    @Test
    void aFileThatEndsWithDataAndOneWithoutAnyHoleAreWhole() throws Exception {
        write(Files.createFile(workspace.resolve("end")), 5 * MIB + 17, "end");
        Files.write(
                workspace.resolve("dense"), "dense!".repeat(500_000).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        PackedWorkspace packed = Tool.packAndUnpack(workspace, guest);
        assertThat(packed.bytes()).isBetween(3_000_000L, 3_000_000L + 65_536);
        for (String name : List.of("end", "dense")) {
            assertThat(Files.mismatch(workspace.resolve(name), guest.resolve(name)))
                    .isEqualTo(-1);
        }
    }

    @Test
    void aNameThatIsLongOrNotUtf8IsKept() throws Exception {
        String deep = "a-directory-with-a-long-name/".repeat(10);
        Path directory = Files.createDirectories(workspace.resolve(deep));
        write(directory.resolve("ä"), 5 * MIB, "x");
        write(Path.of(java.net.URI.create(workspace.toUri() + "gr%FC%DFe")), 5 * MIB, "y");
        Tool.packAndUnpack(workspace, guest);
        assertThat(Files.mismatch(directory.resolve("ä"), guest.resolve(deep).resolve("ä")))
                .isEqualTo(-1);
        assertThat(Files.size(Path.of(java.net.URI.create(guest.toUri() + "gr%FC%DFe"))))
                .isEqualTo(5 * MIB + 1);
    }

    @Test
    void commonsCompressReadsItToo() throws Exception {
        write(workspace.resolve("file"), 3 * MIB, "end");
        PackedTar tar = PackedTar.of(workspace);
        assertThat(tar.content("file")).hasSize((int) (3 * MIB + 3)).endsWith("\0end");
    }

    @Test
    void moreThanTwoGigabytesOfHoleAreAFewKilobytesOfArchive() throws Exception {
        Path file = workspace.resolve("disk.img");
        write(file, 1 << 30, "x");
        truncate(file, (2L << 30) + 5);
        var out = new ByteArrayOutputStream();
        new WorkspacePacker().pack(workspace, out);
        // A block each where something was found, at the very end too, where the test itself wrote a zero.
        assertThat(out.size()).isLessThan(100_000);
    }

    private static void write(Path file, long offset, String text) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)), offset);
        }
    }

    private static void truncate(Path file, long size) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (channel.size() < size) {
                channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
            }
        }
    }

    private static long kibibytesOnDisk(Path file) throws Exception {
        String words =
                Tool.run(file.resolveSibling(""), new java.io.File("/dev/null"), List.of("du", "-k", file.toString()));
        return Long.parseLong(words.split("\\s", 2)[0]);
    }
}
