package dev.thaw.runner.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A recipe without Docker: its image is made in a minute and its template in less. */
final class SmallRecipe {
    private SmallRecipe() {}

    /** Writes it, named {@code small}, beside the sources that every image is made from; what it says is for RUNNER_IMAGES. */
    static Path in(Path work) throws IOException {
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
}
