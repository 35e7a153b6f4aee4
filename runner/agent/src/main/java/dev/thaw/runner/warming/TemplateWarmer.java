package dev.thaw.runner.warming;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.Digests;
import dev.thaw.runner.template.Image;
import dev.thaw.runner.template.Recipe;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.template.TemplateKey;
import dev.thaw.runner.template.TemplateStore;
import dev.thaw.runner.vm.Accelerator;
import dev.thaw.runner.vm.Booter;
import dev.thaw.runner.vm.MachineLine;
import dev.thaw.runner.vm.MicroVm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Image → template: boots it, warms it, takes the snapshot and publishes it. */
public final class TemplateWarmer {
    /** A boot under emulation that has not answered by then never will: its clock calibration has failed. */
    private static final Duration BOOT_LIMIT = Duration.ofSeconds(90);

    private static final Duration WARM_LIMIT = Duration.ofMinutes(15);
    private static final int BOOTS = 2;
    /** Beside the memory file: the disk, a copy of the image's, and what is written to it. */
    private static final long MORE_THAN_MEMORY = 1L << 30;

    private static final int STEPS = 6;
    private static final String TRIM = "sync; echo 3 > /proc/sys/vm/drop_caches";

    private final TemplateStore store;
    private final JobDirectories jobs;
    private final HostUsers users;
    private final Subprocess subprocess;
    private final Booter booter;
    private final HostCertificates certificates;

    public TemplateWarmer(
            TemplateStore store,
            JobDirectories jobs,
            HostUsers users,
            Subprocess subprocess,
            Booter booter,
            HostCertificates certificates) {
        this.store = store;
        this.jobs = jobs;
        this.users = users;
        this.subprocess = subprocess;
        this.booter = booter;
        this.certificates = certificates;
    }

    /**
     * Warms an image.
     *
     * @param key what the template will be found by
     * @throws RunnerException {@code BUILD} with the end of the guest's console, after a second attempt at the boot
     */
    public Template warm(
            Recipe recipe, Image image, Size size, Accelerator accelerator, TemplateKey key, Progress progress)
            throws RunnerException, InterruptedException {
        jobs.requireRoom(size.memory().bytes() + MORE_THAN_MEMORY, "warming template " + recipe.name());
        for (int attempt = 1; ; attempt++) {
            try (JobDirectory job = jobs.create(JobId.random().value())) {
                return warm(recipe, image, size, accelerator, key, progress, job);
            } catch (BootFailed e) {
                if (attempt == BOOTS) {
                    throw e.fault();
                }
                progress.note("the boot failed, trying once more: " + e.fault().getMessage());
            } catch (IOException e) {
                throw new RunnerException(
                        JobDirectories.diskFull(e) ? Fault.NO_SPACE : Fault.BUILD,
                        "cannot warm template " + recipe.name() + ": " + e.getMessage(),
                        e);
            }
        }
    }

    private Template warm(
            Recipe recipe,
            Image image,
            Size size,
            Accelerator accelerator,
            TemplateKey key,
            Progress progress,
            JobDirectory job)
            throws RunnerException, InterruptedException, IOException, BootFailed {
        List<String> machine = MachineLine.machine(accelerator, size);
        String nonce = nonce();
        long coldBoot;
        progress.step(
                1,
                STEPS,
                "booting with " + size + " under " + accelerator.word().toUpperCase(java.util.Locale.ROOT));
        copyDisk(image, job);
        long started = System.nanoTime();
        MicroVm vm = booter.boot(machine, accelerator, image, size, job, Deadline.in(BOOT_LIMIT));
        try {
            try (GuestSession session = boot(vm)) {
                WarmGuest guest = new WarmGuest(session, Deadline.in(WARM_LIMIT));
                progress.step(2, STEPS, "starting its services");
                startServices(recipe, guest);
                coldBoot = Duration.ofNanos(System.nanoTime() - started).toMillis();
                progress.step(
                        3, STEPS, "filling it: certificates, " + recipe.images().size() + " Docker images");
                fill(recipe, image, guest);
                progress.step(4, STEPS, "warming up");
                exercise(recipe, guest);
                progress.step(5, STEPS, "taking the snapshot");
                session.freeze(nonce, Deadline.in(Duration.ofSeconds(30)));
            } catch (RunnerException e) {
                RunnerException why = vm.explained(e);
                throw why == e ? new RunnerException(e.fault(), e.getMessage() + console(vm), e) : why;
            }
            vm.pause(Deadline.in(Duration.ofSeconds(30)));
            vm.saveState(Template.STATE, Deadline.in(Duration.ofMinutes(2)));
        } finally {
            vm.kill();
        }
        progress.step(6, STEPS, "publishing the template");
        return store.publish(new Template(
                staged(image, recipe, job),
                key.digest(),
                recipe.name(),
                size,
                Instant.now(),
                key.inputs(),
                machine,
                Digests.sha256(nonce),
                recipe.disk().bytes(),
                coldBoot,
                Map.of()));
    }

    private static GuestSession boot(MicroVm vm) throws BootFailed, RunnerException, InterruptedException {
        Deadline deadline = Deadline.in(BOOT_LIMIT);
        try {
            GuestSession session = GuestSession.open(vm.guestSocket(), deadline);
            try {
                session.identifyWarming(deadline);
                return session;
            } catch (RunnerException | InterruptedException e) {
                session.close();
                throw e;
            }
        } catch (RunnerException e) {
            RunnerException why = vm.explained(e);
            if (why.fault() == Fault.NO_SPACE) {
                throw why;
            }
            throw new BootFailed(
                    new RunnerException(Fault.BUILD, "the guest did not boot: " + e.getMessage() + console(vm), e));
        }
    }

    private static String console(MicroVm vm) {
        String gist = vm.consoleGist();
        return gist.isEmpty() ? "" : "; its console says: " + gist;
    }

    private static void startServices(Recipe recipe, WarmGuest guest) throws RunnerException, InterruptedException {
        for (Recipe.Service service : recipe.start()) {
            guest.run(service.run());
        }
        for (Recipe.Service service : recipe.start()) {
            guest.await(service.ready());
        }
    }

    private void fill(Recipe recipe, Image image, WarmGuest guest)
            throws RunnerException, InterruptedException, IOException {
        if (!certificates.pem().isEmpty()) {
            guest.run(
                    "cat > /usr/local/share/ca-certificates/thaw-host.crt && update-ca-certificates",
                    certificates.pem());
        }
        for (int index = 0; index < recipe.images().size(); index++) {
            try (InputStream archive = Files.newInputStream(image.archive(index))) {
                guest.run("docker load --quiet", archive);
            }
        }
    }

    /**
     * Twice: the first round makes what is made only once; then every cached page goes, and the second round brings
     * back those that a job needs, and no others.
     */
    private static void exercise(Recipe recipe, WarmGuest guest) throws RunnerException, InterruptedException {
        for (String command : recipe.warmup()) {
            guest.run(command);
        }
        guest.run(TRIM);
        for (String command : recipe.warmup()) {
            guest.run(command);
        }
        // The way of every job: its workspace unpacked, its first step started, both as the ordinary user.
        guest.runAsBuild("tar -c -C /etc passwd | tar -x -C /tmp && rm /tmp/passwd");
        guest.run("sync");
    }

    private void copyDisk(Image image, JobDirectory job) throws RunnerException, InterruptedException, IOException {
        Path disk = job.path().resolve(Template.DISK);
        var output = subprocess.run(
                List.of(
                        "cp",
                        "--sparse=always",
                        "--reflink=auto",
                        image.rootfs().toString(),
                        disk.toString()),
                Duration.ofMinutes(10));
        if (output.exitCode() != 0) {
            throw new IOException(output.lastLine());
        }
        Files.setAttribute(disk, "unix:mode", 0600);
        users.give(disk, HostUsers.ownerOf(job.path()));
    }

    private Path staged(Image image, Recipe recipe, JobDirectory job)
            throws RunnerException, InterruptedException, IOException {
        Path staged = JobDirectories.makeDirectory(job.path().resolve("template"), "rwxr-xr-x");
        for (String name : List.of(Template.MEMORY, Template.STATE, Template.DISK)) {
            Files.move(job.path().resolve(name), staged.resolve(name));
        }
        Files.copy(image.readOnlyShim(), staged.resolve(Template.SHIM));
        // The backing file is named as the cage shows it.
        var output = subprocess.run(
                List.of(
                        "qemu-img",
                        "create",
                        "-q",
                        "-u",
                        "-f",
                        "qcow2",
                        "-F",
                        "raw",
                        "-b",
                        "/template/" + Template.DISK,
                        staged.resolve(Template.OVERLAY).toString(),
                        String.valueOf(recipe.disk().bytes())),
                Duration.ofSeconds(30));
        if (output.exitCode() != 0) {
            throw new IOException(output.lastLine());
        }
        for (String name : Template.FILES) {
            users.takeBack(staged.resolve(name));
        }
        return staged;
    }

    private static String nonce() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The boot failed before anything else could: worth a second attempt. */
    private static final class BootFailed extends Exception {
        private static final long serialVersionUID = 1L;
        private final RunnerException fault;

        BootFailed(RunnerException fault) {
            super(fault);
            this.fault = fault;
        }

        RunnerException fault() {
            return fault;
        }
    }
}
