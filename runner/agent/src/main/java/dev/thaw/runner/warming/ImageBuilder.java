package dev.thaw.runner.warming;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.os.FileLease;
import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.Digests;
import dev.thaw.runner.template.Image;
import dev.thaw.runner.template.Recipe;
import dev.thaw.runner.template.Recipe.DockerImage;
import dev.thaw.runner.template.TemplateStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recipe → image. Everything comes from Debian's packages and from the sources beside the recipes. */
public final class ImageBuilder {
    private static final Duration LIMIT = Duration.ofMinutes(40);
    private static final Pattern PART =
            Pattern.compile("I: ((?:running apt|downloading|extracting|installing|creating) .*[^.])\\.*");
    /** Packages, root file system and archives of a small image; a large one takes twice that. */
    private static final long LEAST_ROOM = 2L << 30;

    private final TemplateStore store;
    private final JobDirectories jobs;
    private final HostUsers users;
    private final Subprocess subprocess;
    private final ImageSources sources;

    public ImageBuilder(
            TemplateStore store, JobDirectories jobs, HostUsers users, Subprocess subprocess, ImageSources sources) {
        this.store = store;
        this.jobs = jobs;
        this.users = users;
        this.subprocess = subprocess;
        this.sources = sources;
    }

    /** The image of a recipe as it stands now, if it has been built. */
    public Optional<Image> find(Recipe recipe) throws RunnerException {
        return store.image(sources.digest(recipe));
    }

    /**
     * The image of a recipe as it stands now, built if need be. Of two processes that want the same one, the second
     * waits for the first.
     *
     * @throws RunnerException {@code BUILD} with the last line of what failed, {@code HOST} if a program is missing
     */
    public Image build(Recipe recipe, Progress progress) throws RunnerException, InterruptedException {
        String inputs = sources.digest(recipe);
        try (FileLease lease = FileLease.take(
                store.imageStaging().resolve("." + inputs + ".lock"),
                LIMIT,
                () -> progress.note("waiting for another runner that builds image " + recipe.name()))) {
            Optional<Image> built = store.image(inputs);
            return built.isPresent() ? built.get() : build(recipe, inputs, progress);
        }
    }

    private Image build(Recipe recipe, String inputs, Progress progress) throws RunnerException, InterruptedException {
        requirePrograms();
        jobs.requireRoom(LEAST_ROOM, "building image " + recipe.name());
        try (JobDirectory job = jobs.create(JobId.random().value())) {
            Path out = JobDirectories.makeDirectory(job.path().resolve("out"), "rwxr-xr-x");
            int steps = 4 + recipe.images().size();
            progress.step(1, steps, "compiling guestd, init and the loader");
            Path built = JobDirectories.makeDirectory(job.path().resolve("built"), "rwxr-xr-x");
            run(List.of("make", "-C", sources.directory().toString(), "BUILD=" + built), job, progress);
            progress.step(
                    2, steps, "installing " + recipe.packages().size() + " Debian packages into the root file system");
            Path archive = job.path().resolve("root.tar");
            run(
                    mmdebstrap(recipe.suite(), "essential", packages(recipe), List.of(ImageSources.USER_HOOK), archive),
                    job,
                    progress);
            var digests = new ArrayList<String>();
            for (DockerImage image : recipe.images()) {
                int index = digests.size();
                progress.step(3 + index, steps, "making Docker image " + image.reference());
                digests.add(dockerImage(recipe, image, index, out, job, progress));
            }
            progress.step(steps - 1, steps, "making kernel, initramfs and root file system");
            run(assemble(recipe, archive, built, out), job, progress);
            Files.copy(built.resolve("readonly-memory.so"), out.resolve("readonly-memory.so"));
            progress.step(steps, steps, "publishing the image");
            return store.publish(described(inputs, out, built, digests));
        } catch (IOException e) {
            throw new RunnerException(
                    JobDirectories.diskFull(e) ? Fault.NO_SPACE : Fault.BUILD,
                    "cannot build image " + recipe.name() + ": " + e.getMessage(),
                    e);
        }
    }

    private static List<String> packages(Recipe recipe) {
        var packages = new ArrayList<>(ImageSources.EVERY_GUEST_NEEDS);
        packages.addAll(recipe.packages());
        return packages;
    }

    private void requirePrograms() throws RunnerException {
        var missing = List.of("mmdebstrap", "mke2fs", "musl-gcc", "gcc", "make", "cpio", "tar", "gzip").stream()
                .filter(program -> !subprocess.available(program))
                .toList();
        if (!missing.isEmpty()) {
            throw new RunnerException(
                    Fault.HOST,
                    "building an image needs " + String.join(", ", missing)
                            + "; install with: apt-get install mmdebstrap" + " e2fsprogs musl-tools gcc make cpio");
        }
    }

    private String dockerImage(
            Recipe recipe, DockerImage image, int index, Path out, JobDirectory job, Progress progress)
            throws RunnerException, InterruptedException, IOException {
        Path layer = job.path().resolve("layer-" + index + ".tar");
        List<String> hooks = image.finish().isEmpty() ? List.of() : List.of(image.finish());
        run(mmdebstrap(recipe.suite(), image.variant(), image.packages(), hooks, layer), job, progress);
        Path archive = out.resolve("image-" + index + ".tar");
        DockerArchive.write(layer, image.reference(), image.command(), archive);
        Files.delete(layer);
        return Digests.sha256(archive);
    }

    private static List<String> mmdebstrap(
            String suite, String variant, List<String> packages, List<String> hooks, Path archive) {
        var words = new ArrayList<>(List.of("mmdebstrap", "--format=tar", "--variant=" + variant));
        words.add("--aptopt=APT::Install-Recommends \"false\"");
        // Not the man pages: packages that register alternatives there would break.
        for (String excluded : List.of("/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")) {
            words.add("--dpkgopt=path-exclude=" + excluded);
        }
        if (!packages.isEmpty()) {
            words.add("--include=" + String.join(",", packages));
        }
        // An archive that is only extracted is never customised: its last hook is an earlier one.
        String hookOption = variant.equals("extract") ? "--extract-hook=" : "--customize-hook=";
        hooks.forEach(hook -> words.add(hookOption + hook));
        words.addAll(List.of("--keyring=/usr/share/keyrings", suite, archive.toString()));
        words.add("deb http://deb.debian.org/debian " + suite + " main");
        words.add("deb http://deb.debian.org/debian-security " + suite + "-security main");
        return words;
    }

    private List<String> assemble(Recipe recipe, Path archive, Path built, Path out) {
        var words = new ArrayList<String>();
        if (!users.separate()) {
            words.addAll(List.of("unshare", "--map-root-user", "--map-auto"));
        }
        words.addAll(List.of("bash", sources.directory().resolve("assemble").toString()));
        words.addAll(List.of(archive.toString(), built.toString(), out.toString()));
        words.add(String.valueOf(recipe.disk().bytes()));
        recipe.directories()
                .forEach(directory -> words.add(directory.resolve("files").toString()));
        return words;
    }

    private void run(List<String> command, JobDirectory job, Progress progress)
            throws RunnerException, InterruptedException {
        // Temporary files belong to the job directory, so that a build that is killed leaves nothing elsewhere. Only
        // as root, though: mmdebstrap's user namespace may not be able to walk there.
        Map<String, String> environment =
                users.separate() ? Map.of("TMPDIR", job.path().toString()) : Map.of();
        var output = subprocess.run(command, environment, LIMIT, line -> showPart(line, progress));
        if (output.exitCode() != 0) {
            output.stderr()
                    .lines()
                    .skip(Math.max(0, output.stderr().lines().count() - 12))
                    .forEach(progress::note);
            throw new RunnerException(
                    output.stderr().contains("No space left") ? Fault.NO_SPACE : Fault.BUILD,
                    command.get(0) + " failed with " + output.exitCode() + ": " + output.lastLine());
        }
    }

    /** mmdebstrap is quiet for a minute and more but for these, which say what it is at. */
    private static void showPart(String line, Progress progress) {
        Matcher part = PART.matcher(line);
        if (part.matches()) {
            progress.note("      " + part.group(1));
        }
    }

    private static Image described(String inputs, Path out, Path built, List<String> archives) throws IOException {
        return new Image(
                out,
                inputs,
                Digests.sha256(out.resolve("vmlinuz")),
                Digests.sha256(out.resolve("initramfs")),
                Digests.sparseSha256(out.resolve("rootfs.raw")),
                Digests.sha256(built.resolve("guestd")),
                archives);
    }
}
