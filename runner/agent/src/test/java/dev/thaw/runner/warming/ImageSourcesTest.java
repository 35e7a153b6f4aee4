package dev.thaw.runner.warming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.template.RecipeBook;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSourcesTest {
    private static final List<String> SOURCES = List.of(
            "Makefile",
            "assemble",
            "initramfs/loader.c",
            "qemu/readonly-memory.c",
            "guestd/Makefile",
            "guestd/src/main.c",
            "base/recipe.yaml",
            "base/files/etc/one",
            "docker/recipe.yaml",
            "docker/files/etc/two");

    private final Path directory;

    ImageSourcesTest(@TempDir Path directory) throws Exception {
        this.directory = directory;
        for (String name : SOURCES) {
            put(name, "content of " + name);
        }
        put("base/recipe.yaml", "from: debian:trixie\n");
        put("docker/recipe.yaml", "from: base\n");
    }

    private void put(String name, String content) throws Exception {
        Path file = directory.resolve(name);
        int slash = name.lastIndexOf('/');
        Files.createDirectories(directory.resolve(name.substring(0, Math.max(0, slash))));
        Files.writeString(file, content);
    }

    private String digest() throws Exception {
        return new ImageSources(directory).digest(new RecipeBook(directory).find("docker"));
    }

    @Test
    void everySourceChangesTheDigest() throws Exception {
        String digest = digest();
        for (String name : SOURCES) {
            String before = Files.readString(directory.resolve(name));
            put(name, before + "# more\n");
            assertThat(digest()).describedAs(name).isNotEqualTo(digest);
            put(name, before);
            assertThat(digest()).describedAs(name + " as it was").isEqualTo(digest);
        }
    }

    @Test
    void nameModeAndKindOfAFileCount() throws Exception {
        Path file = directory.resolve("docker/files/etc/two");
        String digest = digest();
        Files.setAttribute(file, "unix:mode", 0755);
        String executable = digest();
        Files.move(file, file.resolveSibling("three"));
        String renamed = digest();
        Files.createSymbolicLink(file, Path.of("three"));
        String linked = digest();
        Files.delete(file);
        Files.createDirectory(file);
        assertThat(List.of(digest, executable, renamed, linked, digest())).doesNotHaveDuplicates();
    }

    @Test
    void whenAndInWhichOrderFilesWereMadeDoesNotCount() throws Exception {
        put("guestd/src/a.c", "a");
        put("guestd/src/b.c", "b");
        String digest = digest();
        Files.delete(directory.resolve("guestd/src/a.c"));
        put("guestd/src/a.c", "a");
        for (String name : SOURCES) {
            Files.setLastModifiedTime(directory.resolve(name), FileTime.fromMillis(1));
        }
        assertThat(digest()).isEqualTo(digest);
    }

    @Test
    void whatBelongsToNoImageDoesNotCount() throws Exception {
        String digest = digest();
        put("guestd/test/fuzz.c", "another test");
        put("another/recipe.yaml", "from: debian:trixie\n");
        assertThat(digest()).isEqualTo(digest);
    }
}
