package dev.thaw.runner.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last stretch: from the staging directory into one where others may be at work. */
class PublicationTest {
    @TempDir
    Path directory = Path.of("");

    private Path output = Path.of("");
    private Path outside = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        output = Files.createDirectory(directory.resolve("out"));
        outside = Files.createDirectory(directory.resolve("outside"));
    }

    @Test
    void whatIsThereStaysButForFilesOfTheSameName() throws Exception {
        write(output.resolve("sub/mine"), "mine");
        write(output.resolve("sub/report"), "old");
        Files.createSymbolicLink(output.resolve("link"), write(outside.resolve("target"), "outside"));

        publish("sub/report", "new", "sub/deeper/x", "x", "link", "no link");

        assertThat(output.resolve("sub/mine")).hasContent("mine");
        assertThat(output.resolve("sub/report")).hasContent("new");
        assertThat(output.resolve("sub/deeper/x")).hasContent("x");
        assertThat(output.resolve("link")).hasContent("no link");
        assertThat(Files.isSymbolicLink(output.resolve("link"))).isFalse();
        assertThat(outside.resolve("target")).hasContent("outside");
        assertThat(stagings()).isEmpty();
    }

    @Test
    void aDirectoryThatIsALinkIsNotFollowed() throws Exception {
        Files.createSymbolicLink(output.resolve("sub"), outside);

        assertThatThrownBy(() -> publish("first", "1", "sub/x", "dead"))
                .isInstanceOf(ArtifactRefusedException.class)
                .hasMessage("artifact sub is a directory, and what the output directory has of that name is not;"
                        + " move it away, or name another with --out");

        assertThat(outside).isEmptyDirectory();
        assertThat(output.resolve("first")).doesNotExist();
        Files.delete(output.resolve("sub"));
        publish("first", "1", "sub/x", "fine");
        assertThat(output.resolve("sub/x")).hasContent("fine");
    }

    @Test
    void aFileWhereADirectoryIsOrTheOtherWayRoundIsFoundBeforeAnythingIsMoved() throws Exception {
        write(output.resolve("z/inner"), "mine");
        write(output.resolve("y"), "mine");

        assertThatThrownBy(() -> publish("a", "1", "z", "2")).hasMessageContaining("artifact z is not a directory");
        assertThatThrownBy(() -> publish("a", "1", "y/b", "2")).hasMessageContaining("artifact y is a directory");

        assertThat(output.resolve("a")).doesNotExist();
        assertThat(output.resolve("z/inner")).hasContent("mine");
        assertThat(output.resolve("y")).hasContent("mine");
    }

    @Test
    void aDirectoryThatIsSwappedForALinkMeanwhileIsNoWayOut() throws Exception {
        Path sub = output.resolve("sub");
        Path link = Files.createSymbolicLink(directory.resolve("link"), outside);
        var over = new AtomicBoolean();
        Thread swapper = new Thread(() -> {
            while (!over.get()) {
                swap(sub, link);
            }
        });
        swapper.start();
        int published = 0;
        try {
            for (int i = 0; i < 100; i++) {
                try {
                    publish("sub/f" + i, "x");
                    published++;
                } catch (ArtifactRefusedException | IOException e) {
                    // The link was there at that moment: refused is right, and what follows is checked below.
                    assertThat(e).hasMessageNotContaining("\n");
                }
            }
        } finally {
            over.set(true);
            swapper.join();
        }
        assertThat(outside).isEmptyDirectory();
        assertThat(published).isPositive();
    }

    /** By turns a directory, nothing, and a link that leads out. */
    private void swap(Path sub, Path link) {
        try {
            if (Files.isDirectory(sub, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                Files.move(sub, Files.createTempDirectory(directory, "was").resolve("sub"));
            }
            Files.copy(link, sub, java.nio.file.LinkOption.NOFOLLOW_LINKS, StandardCopyOption.REPLACE_EXISTING);
            Files.delete(sub);
            Files.createDirectory(sub);
        } catch (IOException e) {
            // The publisher was faster; next time.
            return;
        }
    }

    @Test
    void anOutputDirectoryThatIsSwappedMeanwhileGetsNothing() throws Exception {
        try (Staging staging = Staging.in(output, new HashSet<>())) {
            write(staging.tree().resolve("x"), "dead");
            Path real = Files.move(output, directory.resolve("moved"));
            Files.createSymbolicLink(output, outside);
            assertThatThrownBy(() -> new Publication(staging, output).publish(Map.of()))
                    .isInstanceOf(IOException.class);
            assertThat(outside).isEmptyDirectory();
            Files.delete(output);
            Files.move(real, output);
            new Publication(staging, output).publish(Map.of());
        }
        assertThat(output.resolve("x")).hasContent("dead");
    }

    @Test
    void aLinkDoesNotLeadThroughOneThatIsThereAlready() throws Exception {
        write(outside.resolve("secret"), "secret");
        Files.createSymbolicLink(output.resolve("there"), outside);
        try (Staging staging = Staging.in(output, new HashSet<>())) {
            link(staging, "a/l", "../there/secret");
            assertThatThrownBy(() -> new Publication(staging, output)
                            .publish(Map.of(new ArtifactName("a/l"), "../there/secret")))
                    .hasMessage(
                            "link a/l -> ../there/secret leads through a link that the output directory has already,"
                                    + " there; delete that one, or name another directory with --out");
            assertThat(output.resolve("a")).doesNotExist();
        }
        try (Staging staging = Staging.in(output, new HashSet<>())) {
            link(staging, "a/l", "../here/secret");
            new Publication(staging, output).publish(Map.of(new ArtifactName("a/l"), "../here/secret"));
        }
        assertThat(Files.isSymbolicLink(output.resolve("a/l"))).isTrue();
    }

    @Test
    void aRepositoryDoesNotComeInTwoHalves() throws Exception {
        publish("sub/HEAD", "ref: x", "sub/refs/x", "");
        assertThatThrownBy(() -> publish("sub/objects/x", "")).hasMessageContaining("make a bare git repository");
        assertThat(output.resolve("sub/objects")).doesNotExist();
        publish("sub/other/x", "");
    }

    @Test
    void nobodyElseCanEnterTheStagingDirectory() throws Exception {
        try (Staging staging = Staging.in(output, new HashSet<>())) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(staging.tree().getParent())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void whatADeadRunnerLeftIsDeletedAndALiveOnesIsNot() throws Exception {
        Path dead = Files.createDirectories(output.resolve(Staging.PREFIX + "dead/tree"));
        write(dead.resolve("half"), "half of a file");
        Files.createFile(dead.resolveSibling("owner"));
        Path mine = Files.createDirectory(output.resolve("mine"));
        Set<Path> live = new HashSet<>();
        try (Staging first = Staging.in(output, live);
                Staging second = Staging.in(output, live)) {
            assertThat(dead).doesNotExist();
            assertThat(first.tree()).isDirectory();
            assertThat(second.tree()).isDirectory().isNotEqualTo(first.tree());
        }
        assertThat(stagings()).isEmpty();
        assertThat(mine).isDirectory();
    }

    @Test
    void whatIsMadeForNothingIsUnmade() throws Exception {
        var made = new OutputDirectory(output.resolve("a/b"));
        assertThat(made.make()).isDirectory();
        made.unmake();
        assertThat(output).isEmptyDirectory();
        var used = new OutputDirectory(output.resolve("a/b"));
        write(used.make().resolve("x"), "x");
        used.unmake();
        assertThat(output.resolve("a/b/x")).hasContent("x");
    }

    private void publish(String... namesAndContents) throws Exception {
        try (Staging staging = Staging.in(output, new HashSet<>())) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                write(staging.tree().resolve(namesAndContents[i]), namesAndContents[i + 1]);
            }
            new Publication(staging, output).publish(Map.of());
        }
    }

    private static void link(Staging staging, String name, String target) throws IOException {
        Path link = staging.tree().resolve(name);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, Path.of(target));
    }

    private static Path write(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private java.util.List<Path> stagings() throws IOException {
        try (Stream<Path> all = Files.list(output)) {
            return all.filter(path -> path.getFileName().toString().startsWith(Staging.PREFIX))
                    .toList();
        }
    }
}
