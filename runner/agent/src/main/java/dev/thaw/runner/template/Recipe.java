package dev.thaw.runner.template;

import dev.thaw.runner.job.ByteSize;
import java.nio.file.Path;
import java.util.List;

/**
 * What an image and its templates are made from, with the recipes it builds on folded in.
 *
 * @param name the directory's name, and the template's
 * @param directories this recipe's and those it builds on, the base first; each may have {@code files/}, which is laid
 *     over the root file system in this order
 * @param suite the Debian suite everything comes from
 * @param packages Debian packages beyond the essential ones
 * @param images what is loaded into the guest's Docker
 * @param sizes the machines that are warmed; the first is the default
 * @param disk size of the guest's disk
 * @param start programs that serve the guest, each started at boot, each with a command that answers 0 once it serves
 * @param warmup commands that are run, twice, before the snapshot
 * @param text all recipe files, for the digest
 */
public record Recipe(
        String name,
        List<Path> directories,
        String suite,
        List<String> packages,
        List<DockerImage> images,
        List<Size> sizes,
        ByteSize disk,
        List<Service> start,
        List<String> warmup,
        String text) {
    public Recipe {
        directories = List.copyOf(directories);
        packages = List.copyOf(packages);
        images = List.copyOf(images);
        sizes = List.copyOf(sizes);
        start = List.copyOf(start);
        warmup = List.copyOf(warmup);
    }

    /**
     * A Docker image made from Debian packages, since no registry may be in reach.
     *
     * @param reference what it is called, with a tag
     * @param variant mmdebstrap's
     * @param packages what is in it beyond the variant's
     * @param command what it runs when nothing else is asked
     * @param finish a shell command run with the image's root as {@code $1}; may be empty
     */
    public record DockerImage(
            String reference, String variant, List<String> packages, List<String> command, String finish) {
        public DockerImage {
            packages = List.copyOf(packages);
            command = List.copyOf(command);
        }
    }

    /**
     * A program that serves the guest.
     *
     * @param run shell command that starts it
     * @param ready shell command that answers 0 once it serves
     */
    public record Service(String run, String ready) {}

    /** The directory of this recipe itself. */
    public Path directory() {
        return directories.get(directories.size() - 1);
    }
}
