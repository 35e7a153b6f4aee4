package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.template.Template;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateIT {
    @TempDir
    Path work = Path.of("");

    @Test
    void aTemplateThatIsNotWhatWasPublishedIsNeverStarted() throws Exception {
        Template template = Host.template();
        Path home = copy(template);
        Runner runner = Runner.at(home);
        Path copied = home.resolve("templates").resolve(template.key());
        try {
            // The control: other inodes, the same content. It starts.
            runner.run(empty(), "exec", "--", "true").expect(0);

            Path state = copied.resolve(Template.STATE);
            byte[] whole = Files.readAllBytes(state);
            byte[] altered = whole.clone();
            altered[altered.length / 2] ^= 1;
            Files.write(state, altered);
            refused(runner, "file state of template docker");
            Files.write(state, whole);

            try (var memory =
                    new RandomAccessFile(copied.resolve(Template.MEMORY).toFile(), "rw")) {
                memory.setLength(memory.length() - 4096);
            }
            refused(runner, "file memory of template docker");
            Files.delete(copied.resolve(Template.MEMORY));
            refused(runner, "file memory of template docker");
            Files.writeString(copied.resolve("manifest.json"), "{");
            refused(runner, "manifest.json cannot be read");
            assertThat(Runner.traces(home)).isEmpty();
        } finally {
            JobDirectory.deleteTree(home);
        }
    }

    private void refused(Runner runner, String message) throws Exception {
        var ended = runner.run(empty(), "exec", "--", "true").expect(125);
        assertThat(ended.err()).startsWith("runner: template damaged: ").contains(message);
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void theNonceIsInTheMemoryOfTheSnapshotAndNowhereElse() throws Exception {
        Template template = Host.template();
        String nonce = IdentityIT.nonce(template);
        byte[] wanted = nonce.getBytes(StandardCharsets.US_ASCII);
        assertThat(contains(template.file(Template.MEMORY), wanted)).isTrue();
        for (String name : List.of(Template.STATE, Template.DISK, Template.OVERLAY, "manifest.json")) {
            assertThat(contains(template.file(name), wanted)).describedAs(name).isFalse();
        }
    }

    @Test
    void aTemplateIsListedAndShown() throws Exception {
        Template template = Host.template();
        Runner runner = Runner.shared();
        assertThat(runner.run(work, "template", "list").expect(0).out())
                .contains("docker", template.key().substring(0, 12), "2 CPUs, 2GiB");
        assertThat(runner.run(work, "template", "inspect", "docker").expect(0).out())
                .contains("\"rootfs\"", "\"tsc_khz\"", template.key());
        assertThat(runner.run(work, "template", "remove", "nothing-like-it")
                        .expect(125)
                        .err())
                .contains("runner template list");
    }

    @Test
    void twoRunnersOnAColdMachineBuildOneTemplate() throws Exception {
        Path images = smallRecipe();
        Path home = Files.createDirectories(work.resolve("cold"));
        List<String> words = List.of("exec", "--template", "small", "--", "cat", "/etc/hostname");
        try {
            Process first =
                    Runner.at(home).with("RUNNER_IMAGES", images.toString()).start(words, empty());
            Process second =
                    Runner.at(home).with("RUNNER_IMAGES", images.toString()).start(words, empty());
            var one = Runner.finish(first, "").expect(0);
            var two = Runner.finish(second, "").expect(0);
            assertThat(one.out()).isNotEqualTo(two.out()).startsWith("thaw-j");
            assertThat(one.err() + two.err()).containsOnlyOnce("[2/4]").contains("waiting for another runner");
            try (var templates = Files.list(home.resolve("templates"))) {
                assertThat(templates.filter(Files::isDirectory)).hasSize(1);
            }
            assertThat(Runner.traces(home)).isEmpty();
        } finally {
            JobDirectory.deleteTree(home);
        }
    }

    /** A recipe without Docker, beside the sources that every image is made from. */
    private Path smallRecipe() throws IOException {
        Path images = Files.createDirectories(work.resolve("images"));
        for (String name : List.of("Makefile", "assemble", "guestd", "host", "initramfs", "qemu")) {
            Files.createSymbolicLink(
                    images.resolve(name), Runner.ROOT.resolve("vm-images").resolve(name));
        }
        Path recipe = Files.createDirectories(images.resolve("small")).resolve("recipe.yaml");
        Files.writeString(recipe, """
                from: debian:trixie
                packages: [linux-image-cloud-amd64, kmod, sudo]
                sizes: [{cpus: 1, memory: 512MiB}]
                disk: 2GiB
                """);
        return images;
    }

    private Path empty() throws IOException {
        return Files.createDirectories(work.resolve("empty"));
    }

    private Path copy(Template template) throws Exception {
        Path home = Files.createDirectories(work.resolve("copy"));
        Files.createDirectories(home.resolve("templates"));
        for (Path from : List.of(template.directory(), Runner.HOME.resolve("images"))) {
            Path to = from.equals(template.directory()) ? home.resolve("templates") : home;
            Process copy = new ProcessBuilder(
                            "cp", "-a", "--sparse=always", "--reflink=auto", from.toString(), to.toString())
                    .inheritIO()
                    .start();
            assertThat(copy.waitFor()).isZero();
        }
        return home;
    }

    private static boolean contains(Path file, byte[] wanted) throws IOException {
        byte[] window = new byte[1 << 20];
        try (var in = Files.newInputStream(file)) {
            int kept = 0;
            for (int read = in.read(window, kept, window.length - kept);
                    read > 0;
                    read = in.read(window, kept, window.length - kept)) {
                int length = kept + read;
                if (indexOf(window, length, wanted) >= 0) {
                    return true;
                }
                kept = Math.min(wanted.length - 1, length);
                System.arraycopy(window, length - kept, window, 0, kept);
            }
        }
        return false;
    }

    private static int indexOf(byte[] bytes, int length, byte[] wanted) {
        for (int at = 0; at <= length - wanted.length; at++) {
            if (bytes[at] == wanted[0]) {
                int same = 1;
                while (same < wanted.length && bytes[at + same] == wanted[same]) {
                    same++;
                }
                if (same == wanted.length) {
                    return at;
                }
            }
        }
        return -1;
    }
}
