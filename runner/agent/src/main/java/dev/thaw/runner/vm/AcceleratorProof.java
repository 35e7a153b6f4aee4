package dev.thaw.runner.vm;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.DurationText;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.template.Digests;
import dev.thaw.runner.template.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Proves KVM. That {@code /dev/kvm} exists, opens and makes a machine says little: on hosts with nested or incomplete
 * virtualisation a stock kernel aborts or hangs all the same. So a kernel has to answer, within seconds.
 */
public final class AcceleratorProof {
    /** What the loader in the initramfs prints when the kernel command line has {@code THAW_PROBE=1}. */
    static final String ANSWER = "THAW-PROBE-ANSWER";

    private static final Path DEVICE = Path.of("/dev/kvm");
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** Bounds what {@code RUNNER_KVM_PROOF} may ask for. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final RunnerHome home;
    private final JobDirectories jobs;
    private final HostUsers users;
    private final Booter booter;
    private final Qemu qemu;
    private final HostCpu cpu;
    private final Duration limit;

    /**
     * A proof on this host.
     *
     * @param limit how long a kernel may take to answer; see {@link #limit(Map)}
     */
    public AcceleratorProof(
            RunnerHome home,
            JobDirectories jobs,
            HostUsers users,
            Booter booter,
            Qemu qemu,
            HostCpu cpu,
            Duration limit) {
        this.limit = limit;
        this.home = home;
        this.jobs = jobs;
        this.users = users;
        this.booter = booter;
        this.qemu = qemu;
        this.cpu = cpu;
    }

    /**
     * How long a kernel may take: {@code RUNNER_KVM_PROOF}, else 20 seconds, in which a processor could boot it a
     * hundred times. Only a host that is emulated itself needs more.
     *
     * @throws RunnerException {@code USAGE} if it is no length of time, or not one of 1s to 10m
     */
    public static Duration limit(Map<String, String> environment) throws RunnerException {
        String text = environment.getOrDefault("RUNNER_KVM_PROOF", "");
        try {
            Duration wish = text.isEmpty() ? LIMIT : DurationText.parse(text);
            if (wish.isZero() || wish.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("it must be 1s to 10m, got: " + text);
            }
            return wish;
        } catch (IllegalArgumentException e) {
            throw new RunnerException(Fault.USAGE, "RUNNER_KVM_PROOF: " + e.getMessage(), e);
        }
    }

    /**
     * What a wish comes to on this host.
     *
     * @param wish {@code auto}, {@code kvm} or {@code tcg}
     * @throws RunnerException {@code HOST} if KVM is asked for and cannot run a kernel
     */
    public AcceleratorChoice choose(String wish, Image image) throws RunnerException, InterruptedException {
        if (wish.equals("tcg")) {
            return new AcceleratorChoice(Accelerator.TCG, "it was asked for");
        }
        Optional<String> objection = verdict(image);
        if (objection.isEmpty()) {
            return new AcceleratorChoice(Accelerator.KVM, "a kernel answered under it");
        }
        if (wish.equals("kvm")) {
            throw new RunnerException(
                    Fault.HOST, "KVM cannot run guests here: " + objection.get() + "; see: runner doctor");
        }
        return new AcceleratorChoice(Accelerator.TCG, "KVM cannot run guests here: " + objection.get());
    }

    /** Why KVM cannot be used; empty if it can. Kept until anything changes that it could depend on. */
    private Optional<String> verdict(Image image) throws RunnerException, InterruptedException {
        if (!Files.exists(DEVICE)) {
            return Optional.of("there is no /dev/kvm");
        }
        Path cache = home.root().resolve("kvm-verdict");
        try {
            Optional<String> closed = closed((int) Files.getAttribute(DEVICE, "unix:mode"), HostUsers.groupOf(DEVICE));
            if (users.separate() && closed.isPresent()) {
                return closed;
            }
            String inputs = inputs(image);
            List<String> known = Files.exists(cache) ? Files.readAllLines(cache) : List.of();
            if (known.size() == 2 && known.get(0).equals(inputs)) {
                return Optional.of(known.get(1)).filter(text -> !text.equals("proven"));
            }
            Optional<String> objection = prove(image);
            Files.writeString(cache, inputs + "\n" + objection.orElse("proven") + "\n");
            return objection;
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot find out about KVM: " + e.getMessage(), e);
        }
    }

    /**
     * Why a guest's own host user could not open the device; empty if it can. Guests get the device's group and no
     * other, and never root's.
     */
    static Optional<String> closed(int mode, int group) {
        boolean open = (mode & 0006) == 0006 || (group != 0 && (mode & 0060) == 0060);
        return open
                ? Optional.empty()
                : Optional.of("/dev/kvm is closed to the users that guests run as; do: chgrp kvm /dev/kvm && chmod 0660"
                        + " /dev/kvm");
    }

    private String inputs(Image image) throws IOException {
        return Digests.sha256(String.join(
                "\n",
                qemu.version(),
                qemu.root().toString(),
                cpu.model(),
                cpu.microcode(),
                image.kernelSha256(),
                image.initramfsSha256(),
                limit.toString(),
                Files.readString(Path.of("/proc/version")),
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")),
                Files.getAttribute(DEVICE, "unix:mode").toString(),
                Files.getAttribute(DEVICE, "unix:gid").toString(),
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString()));
    }

    private Optional<String> prove(Image image) throws RunnerException, InterruptedException {
        Deadline deadline = Deadline.in(limit);
        JobDirectory job = jobs.create(JobId.random().value());
        try (MicroVm vm = booter.probe(Accelerator.KVM, image, job, deadline)) {
            vm.resume(deadline);
            while (vm.alive() && !deadline.passed()) {
                if (vm.console().stream().anyMatch(line -> line.contains(ANSWER))) {
                    return Optional.empty();
                }
                Thread.sleep(10);
            }
            boolean answered = vm.console().stream().anyMatch(line -> line.contains(ANSWER));
            String ended = vm.alive()
                    ? "a kernel did not answer within " + limit.toSeconds() + " s"
                    : "QEMU ended before a kernel answered";
            return answered ? Optional.empty() : Optional.of(ended);
        } catch (RunnerException e) {
            return Optional.of(String.valueOf(e.getMessage()).replace('\n', ' '));
        } finally {
            job.close();
        }
    }
}
