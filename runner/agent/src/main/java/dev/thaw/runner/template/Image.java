package dev.thaw.runner.template;

import java.nio.file.Path;
import java.util.List;

/**
 * A kernel and a root file system, built from a recipe, and the archives that are loaded into the guest's Docker when
 * it is warmed.
 *
 * @param directory holds the files below under the names the accessors give
 * @param inputs digest of what the image was built from
 * @param kernelSha256 of the kernel
 * @param initramfsSha256 of the initramfs
 * @param rootfsSha256 of the root file system
 * @param guestdSha256 of guestd
 * @param archives digests of the Docker archives, in the recipe's order
 */
public record Image(
        Path directory,
        String inputs,
        String kernelSha256,
        String initramfsSha256,
        String rootfsSha256,
        String guestdSha256,
        List<String> archives) {
    public Image {
        archives = List.copyOf(archives);
    }

    /** The kernel that boots. */
    public Path kernel() {
        return directory.resolve("vmlinuz");
    }

    /** What the kernel unpacks first. */
    public Path initramfs() {
        return directory.resolve("initramfs");
    }

    /** A raw ext4 file system. */
    public Path rootfs() {
        return directory.resolve("rootfs.raw");
    }

    /** Makes QEMU before 8.2 open a template's memory read-only. */
    public Path readOnlyShim() {
        return directory.resolve("readonly-memory.so");
    }

    /** The Docker archive at a place of the recipe's list. */
    public Path archive(int index) {
        return directory.resolve("image-" + index + ".tar");
    }
}
