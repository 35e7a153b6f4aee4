package dev.thaw.runner.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each hostile archive has an honest one beside it that is taken, and a canary outside that nobody may touch. */
class ArchiveUnpackerTest {
    private static final ArtifactLimits SMALL = new ArtifactLimits(50, 4000, 1000, 2000, 1 << 20);

    @TempDir
    Path directory = Path.of("");

    private Path output = Path.of("");
    private Path canary = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        canary = Files.writeString(directory.resolve("canary"), "alive");
        output = Files.createDirectory(directory.resolve("out"));
    }

    @Test
    void anHonestArchiveComesOutAsItWas() throws Exception {
        var unpacked = deliver(new TestArchive()
                .file("report.txt", "fine")
                .file("bin/tool", "#!/bin/sh", 0755)
                .directory("bin", 0750)
                .directory("empty", 0755)
                .file("deep/er/x", "")
                .link("latest", "bin/tool")
                .link("deep/up", "../bin")
                .link("deep/round", "er/../../report.txt")
                .link("dangling", "not/there"));

        assertThat(unpacked.count()).isEqualTo(9);
        assertThat(unpacked.bytes()).isEqualTo(13);
        assertThat(output.resolve("report.txt")).hasContent("fine");
        assertThat(Files.getLastModifiedTime(output.resolve("report.txt")))
                .isEqualTo(FileTime.fromMillis(TestArchive.TIME));
        assertThat(permissions("report.txt")).isEqualTo("rw-r--r--");
        assertThat(permissions("bin/tool")).isEqualTo("rwxr-xr-x");
        assertThat(permissions("bin")).isEqualTo("rwxr-x---");
        assertThat(Files.getLastModifiedTime(output.resolve("bin"))).isEqualTo(FileTime.fromMillis(TestArchive.TIME));
        assertThat(output.resolve("empty")).isEmptyDirectory();
        assertThat(Files.readSymbolicLink(output.resolve("latest"))).isEqualTo(Path.of("bin/tool"));
        assertThat(output.resolve("deep/up/tool")).hasContent("#!/bin/sh");
        assertThat(output.resolve("deep/round")).hasContent("fine");
        assertThat(Files.isSymbolicLink(output.resolve("dangling"))).isTrue();
    }

    @Test
    void namesAreBytes() throws Exception {
        deliver(new TestArchive()
                .file("caf\u00e9/na\u00efve", "not UTF-8")
                .file("\u00c3\u00bc\n", "UTF-8")
                .link("l\u00e9", "caf\u00e9/na\u00efve"));
        HostPaths paths = new HostPaths(output);
        assertThat(paths.of("caf\u00e9/na\u00efve")).hasContent("not UTF-8");
        assertThat(paths.of("\u00c3\u00bc\n")).hasContent("UTF-8");
        assertThat(paths.of("l\u00e9")).hasContent("not UTF-8");
    }

    @Test
    void whatGivesMoreRightsThanReadingIsDropped() throws Exception {
        deliver(new TestArchive()
                .file("suid", "x", 06777)
                .file("secret", "x", 0200)
                .directory("locked", 0000));
        assertThat(permissions("suid")).isEqualTo("rwxr-xr-x");
        assertThat(permissions("secret")).isEqualTo("rw-------");
        assertThat(permissions("locked")).isEqualTo("rwx------");
        int mode = (int) Files.getAttribute(output.resolve("suid"), "unix:mode");
        assertThat(mode & 07000).isZero();
        assertThat(Files.getOwner(output.resolve("suid"))).isEqualTo(Files.getOwner(output));
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                hostile("artifact ../canary has '..' in its name", archive -> archive.file("../canary", "dead")),
                hostile("artifact a/../../canary has '..' in its name", archive -> archive.file("a/../../canary", "")),
                hostile("artifact .. has '..' in its name", archive -> archive.directory("..", 0777)),
                hostile("artifact /tmp/x has an absolute name", archive -> archive.file("/tmp/x", "dead")),
                hostile("artifact a/./b has an empty part", archive -> archive.file("a/./b", "")),
                hostile("artifact a//b has an empty part", archive -> archive.file("a//b", "")),
                hostile("artifact a/ has an empty part", archive -> archive.file("a/", "")),
                hostile("an artifact without a name", archive -> archive.entry("", TarConstants.LF_NORMAL, "")),
                hostile("link l -> /etc/passwd leads out", archive -> archive.link("l", "/etc/passwd")),
                hostile("link l -> ../canary leads out", archive -> archive.link("l", "../canary")),
                hostile("link a/l -> ../../canary leads out", archive -> archive.link("a/l", "../../canary")),
                hostile("link a/l -> ../a/../../canary leads out", archive -> archive.link("a/l", "../a/../../canary")),
                hostile(
                        "link through -> here/../canary goes up again behind",
                        archive -> archive.link("here", ".").link("through", "here/../canary")),
                hostile(
                        "link d/b -> ../d/a/../../canary goes up again behind",
                        archive -> archive.link("d/a", "../d").link("d/b", "../d/a/../../canary")),
                hostile("link l -> none/../x goes up again behind", archive -> archive.link("l", "none/../x")),
                hostile("link l -> .git/config leads to what git", archive -> archive.link("l", ".git/config")),
                hostile("link l has a target of 0 bytes", archive -> archive.link("l", "")),
                hostile(
                        "lies in l, which is no directory",
                        archive -> archive.link("l", ".").file("l/canary", "dead")),
                hostile(
                        "artifact d comes twice",
                        archive -> archive.file("d/x", "").link("d", ".")),
                hostile(
                        "artifact l comes twice",
                        archive -> archive.link("l", ".").directory("l", 0755)),
                hostile(
                        "artifact l comes twice",
                        archive -> archive.link("l", ".").file("l", "dead")),
                hostile(
                        "artifact f comes twice",
                        archive -> archive.file("f", "1").file("f", "2")),
                hostile(
                        "artifact d comes twice",
                        archive -> archive.directory("d", 0755).directory("d", 0755)),
                hostile(
                        "artifacts Make and make have one name",
                        archive -> archive.file("Make", "").file("make", "")),
                hostile(
                        "artifacts A and a have one name",
                        archive -> archive.file("A/x", "").file("a/y", "")),
                hostile(
                        "artifacts \u00fc and \u00dc have one name",
                        archive -> archive.file("\u00c3\u00bc", "").file("\u00c3\u009c", "")),
                hostile(
                        "have one name where case or accents",
                        archive -> archive.file("\u00c3\u00bc", "").file("u\u00cc\u0088", "")),
                hostile("artifact h is a hard link", archive -> archive.entry("h", TarConstants.LF_LINK, "../canary")),
                hostile("artifact h is a hard link", archive -> archive.entry("h", TarConstants.LF_LINK, "honest")),
                hostile("artifact c is a device", archive -> archive.entry("c", TarConstants.LF_CHR, "")),
                hostile("artifact b is a device", archive -> archive.entry("b", TarConstants.LF_BLK, "")),
                hostile("artifact p is a FIFO", archive -> archive.entry("p", TarConstants.LF_FIFO, "")),
                hostile("artifact s is of a kind that is no", archive -> archive.entry("s", (byte) 's', "")),
                hostile("is a sparse file", archive -> archive.entry("s", TarConstants.LF_GNUTYPE_SPARSE, "")),
                hostile("that git takes for .git", archive -> archive.file(".git/config", "")),
                hostile("that git takes for .git", archive -> archive.file("sub/.GIT", "")),
                hostile("that git takes for .git", archive -> archive.link(".git", "elsewhere")),
                hostile("that git takes for .git", archive -> archive.directory("a/.git ", 0755)),
                hostile("that git takes for .git", archive -> archive.file("GIT~1/hooks/x", "")),
                hostile("that git takes for .git", archive -> archive.file(".g\u00e2\u0080\u008cit/x", "")),
                hostile(
                        "make a bare git repository",
                        archive -> archive.file("HEAD", "").file("refs/x", "").file("objects/x", "")),
                hostile(
                        "artifacts in a make a bare git repository",
                        archive ->
                                archive.link("a/Head", "x").link("a/refs", "x").link("a/OBJECTS", "x")),
                hostile("make a bare git", archive -> archive.file("b/HEAD", "").file("b/commondir", "/x")),
                hostile("was not asked for", archive -> {
                    archive.file("unasked", "");
                    archive.names().removeIf(name -> name.bytes().equals("unasked"));
                }),
                hostile(
                        "ends before 1 of its artifacts, one of them x",
                        archive -> archive.names().add(new ArtifactName("x"))),
                hostile("has 1001 bytes, 1000 are allowed", archive -> archive.file("big", "x".repeat(1001))),
                hostile("has 8589934591 bytes", archive -> archive.fileThatClaims("big", (8L << 30) - 1)),
                hostile(
                        "have more than the 2000 bytes",
                        archive -> archive.file("1", "x".repeat(999)).file("2", "x".repeat(999))),
                hostile("there are more than 50 artifacts", archive -> {
                    for (int i = 0; i < 50; i++) {
                        archive.file("f" + i, "");
                    }
                }),
                hostile("lies more than 64 directories deep", archive -> archive.file("d/".repeat(64) + "f", "")),
                hostile("a part of more than 255 bytes", archive -> archive.file("n".repeat(256), "")),
                hostile(
                        "of more than 2048 bytes",
                        archive -> archive.file(("n".repeat(250) + "/").repeat(9) + "f", "")),
                hostile("has a target of 3000 bytes", archive -> archive.link("l", "t".repeat(3000))),
                hostile(
                        "names of the artifacts are longer than 4000 bytes",
                        archive -> archive.file(("n".repeat(250) + "/").repeat(6) + "f", "")));
    }

    private static Arguments hostile(String message, Consumer<TestArchive> addition) {
        return Arguments.of(message, addition);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void aHostileArchiveIsRefusedWithAReasonAndLeavesNothing(String message, Consumer<TestArchive> addition)
            throws Exception {
        TestArchive archive = new TestArchive().file("honest", "fine").file("sub/honest", "fine");
        addition.accept(archive.link("link", "sub/honest"));

        assertThatThrownBy(() -> deliver(archive))
                .isInstanceOf(ArtifactRefusedException.class)
                .hasMessageContaining(message);

        assertUntouched();
        // The control: without what was added the same archive is taken.
        deliver(new TestArchive()
                .file("honest", "fine")
                .file("sub/honest", "fine")
                .link("link", "sub/honest"));
        assertThat(output.resolve("link")).hasContent("fine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"L", "K", "x", "g"})
    void whatIsSaidAboutOneEntryIsNotReadIntoMemoryWithoutEnd(String kind) {
        TestArchive archive = new TestArchive().file("honest", "fine");
        byte[] head = archive.fileThatClaims("x", 1L << 32).bytesSoFar();
        // The header in front of the last one's place takes its size.
        byte[] claim = Arrays.copyOf(head, head.length);
        claim[head.length - 512 + 156] = (byte) kind.charAt(0);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                Arrays.fill(target, offset, offset + length, (byte) 'x');
                return length;
            }
        };
        assertThatThrownBy(() ->
                        deliver(new SequenceInputStream(new ByteArrayInputStream(claim), endless), archive.names()))
                .isInstanceOf(ArtifactRefusedException.class)
                .hasMessageContaining("cannot be read");
        assertUntouched();
    }

    @Test
    void anArchiveThatGoesOnForeverIsRefused() {
        TestArchive archive = new TestArchive().file("honest", "fine");
        InputStream zeros = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                return length;
            }
        };
        assertThatThrownBy(() -> deliver(
                        new SequenceInputStream(new ByteArrayInputStream(archive.bytes()), zeros), archive.names()))
                .hasMessageContaining("goes on behind its end");
        assertUntouched();
    }

    @Test
    void anArchiveThatIsTornAnywhereIsRefusedAndLeavesNothing() throws Exception {
        TestArchive archive =
                new TestArchive().file("a", "x".repeat(700)).link("b/l", "../a").file("c", "y");
        byte[] whole = archive.bytes();
        byte[] body = archive.bytesSoFar();
        for (int length = 0; length < body.length; length += 100) {
            byte[] torn = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> deliver(new ByteArrayInputStream(torn), archive.names()))
                    .isInstanceOf(ArtifactRefusedException.class);
            assertUntouched();
        }
        deliver(archive);
        assertThat(output.resolve("b/l")).hasContent("x".repeat(700));
    }

    @Test
    void anArchiveWithAnyByteChangedNeverReachesOutside() throws Exception {
        var random = new Random(20_26);
        byte[] whole = new TestArchive()
                .file("a/b", "x".repeat(600))
                .link("l", "a/b")
                .directory("a/d", 0755)
                .file("n".repeat(120), "long")
                .bytes();
        Set<ArtifactName> names = new TestArchive()
                .file("a/b", "")
                .file("l", "")
                .directory("a/d", 0755)
                .file("n".repeat(120), "")
                .names();
        for (int i = 0; i < 200; i++) {
            byte[] changed = whole.clone();
            for (int j = random.nextInt(3); j >= 0; j--) {
                int block = random.nextInt(7) * 512;
                changed[block + random.nextInt(512)] = (byte) random.nextInt(256);
                repairChecksum(changed, block);
            }
            Path target = Files.createTempDirectory(directory, "random");
            try {
                new ArchiveUnpacker(target, names, SMALL).unpack(new ByteArrayInputStream(changed));
            } catch (ArtifactRefusedException e) {
                assertThat(e).hasMessageNotContaining("\n");
            }
            assertThat(canary).hasContent("alive");
            try (Stream<Path> all = Files.walk(target)) {
                for (Path link : all.filter(Files::isSymbolicLink).toList()) {
                    Path end = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
                    assertThat(end).startsWithRaw(target);
                }
            }
        }
        assertUntouched();
    }

    private static void repairChecksum(byte[] archive, int header) {
        Arrays.fill(archive, header + 148, header + 156, (byte) ' ');
        int sum = 0;
        for (int i = header; i < header + 512; i++) {
            sum += archive[i] & 0xff;
        }
        byte[] field = String.format("%06o\0 ", sum).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        System.arraycopy(field, 0, archive, header + 148, 8);
    }

    private ArchiveUnpacker.Unpacked deliver(TestArchive archive) throws Exception {
        return deliver(archive.stream(), archive.names());
    }

    /** The whole way of an archive that has left the guest. */
    private ArchiveUnpacker.Unpacked deliver(InputStream archive, Set<ArtifactName> names) throws Exception {
        try (Staging staging = Staging.in(output, new java.util.HashSet<>())) {
            var unpacked = new ArchiveUnpacker(staging.tree(), names, SMALL).unpack(archive);
            new Publication(staging, output).publish(unpacked.links());
            return unpacked;
        }
    }

    private void assertUntouched() {
        assertThat(canary).hasContent("alive");
        assertThat(output).isEmptyDirectory();
        assertThat(listed(directory))
                .allMatch(name -> name.equals("canary") || name.equals("out") || name.startsWith("random"));
    }

    private static List<String> listed(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String permissions(String name) throws IOException {
        return PosixFilePermissions.toString(
                Files.getPosixFilePermissions(output.resolve(name), LinkOption.NOFOLLOW_LINKS));
    }
}
