package dev.thaw.runner.warming;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.template.Digests;
import dev.thaw.runner.template.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files an image is built from: what a change of them changes is another image. */
public final class ImageSources {
    private static final List<String> COMMON =
            List.of("Makefile", "assemble", "initramfs", "qemu", "guestd/Makefile", "guestd/src");

    /** What the runner itself uses in a guest and Debian does not call essential. */
    static final List<String> EVERY_GUEST_NEEDS = List.of("passwd", "e2fsprogs", "ca-certificates");

    /** Makes the ordinary user that steps run as; `$1` is the guest's root. */
    static final String USER_HOOK = "chroot \"$1\" useradd --create-home --shell /bin/bash --uid 1000 build"
            + " && for group in sudo docker; do chroot \"$1\" usermod --append --groups $group build || :; done";

    private final Path directory;

    /**
     * The sources beside the recipes.
     *
     * @param directory {@code vm-images}
     */
    public ImageSources(Path directory) {
        this.directory = directory;
    }

    /** Where they lie. */
    public Path directory() {
        return directory;
    }

    /** Digest of the recipe and of every source, by name, mode and content. */
    public String digest(Recipe recipe) throws RunnerException {
        var text = new StringBuilder(recipe.text()).append(EVERY_GUEST_NEEDS).append(USER_HOOK);
        try {
            for (String name : COMMON) {
                append(text, directory.resolve(name), directory);
            }
            for (Path base : recipe.directories()) {
                append(text, base.resolve("files"), base);
            }
        } catch (IOException e) {
            throw new RunnerException(
                    Fault.HOST, "cannot read the sources of images in " + directory + ": " + e.getMessage(), e);
        }
        return Digests.sha256(text.toString());
    }

    private static void append(StringBuilder text, Path root, Path base) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted().toList()) {
                text.append('\n').append(base.relativize(file)).append('=').append(content(file));
            }
        }
    }

    private static String content(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            return "-> " + Files.readSymbolicLink(file);
        }
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            return "directory";
        }
        return Digests.sha256(file) + (Files.isExecutable(file) ? " executable" : "");
    }
}
