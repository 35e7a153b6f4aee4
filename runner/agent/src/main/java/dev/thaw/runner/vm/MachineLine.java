package dev.thaw.runner.vm;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.template.Image;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import java.util.ArrayList;
import java.util.List;

/**
 * QEMU's command lines: one machine, started in two ways. What both share is the machine that a snapshot fits; it
 * stands in the template's manifest and its key.
 */
public final class MachineLine {
    /** What QMP calls the guest's disk. */
    static final String DISK = "disk";

    private static final String KERNEL_ARGUMENTS =
            "console=ttyS0 quiet reboot=t panic=-1 random.trust_cpu=off random.trust_bootloader=off";

    private MachineLine() {}

    /** The machine itself: the same words for the boot of a template and for every restore of it. */
    public static List<String> machine(Accelerator accelerator, Size size) {
        var words = new ArrayList<>(List.of(
                "/" + Qemu.PROGRAM,
                "-M",
                "microvm,acpi=on,rtc=on,isa-serial=on,memory-backend=mem" + accelerator.machineOptions()));
        words.addAll(accelerator.arguments());
        words.addAll(List.of("-cpu", accelerator.cpuModel(), "-smp", String.valueOf(size.cpus())));
        words.addAll(List.of("-m", size.mebibytes()));
        words.addAll(List.of("-nodefaults", "-no-user-config", "-nographic", "-no-reboot"));
        words.addAll(List.of("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"));
        words.addAll(List.of("-global", "virtio-mmio.force-legacy=false"));
        words.addAll(socket("console", Cage.CONSOLE_SOCKET));
        words.addAll(List.of("-serial", "chardev:console"));
        words.addAll(socket("guest", Cage.GUEST_SOCKET));
        words.addAll(List.of("-device", "virtio-serial-device,id=ports"));
        words.addAll(List.of("-device", "virtserialport,bus=ports.0,chardev=guest,name=dev.thaw.guestd"));
        words.addAll(List.of("-device", "virtio-blk-device,drive=" + DISK));
        words.addAll(List.of("-qmp", "unix:" + Cage.SOCKETS + "/" + Cage.QMP_SOCKET + ",server=on,wait=off"));
        return List.copyOf(words);
    }

    /**
     * The same machine with another size of TCG's translation buffer, which no snapshot depends on.
     *
     * @throws RunnerException {@code USAGE} if the machine has none
     */
    public static List<String> withTranslationBuffer(List<String> machine, int mebibytes) throws RunnerException {
        var other = new ArrayList<>(machine);
        int option = other.indexOf("-accel") + 1;
        if (!other.get(option).contains(",tb-size=")) {
            throw new RunnerException(
                    Fault.USAGE,
                    "only a guest under TCG has a translation buffer, this one runs on " + other.get(option));
        }
        other.set(option, other.get(option).replaceFirst(",tb-size=\\d+", ",tb-size=" + mebibytes));
        return List.copyOf(other);
    }

    private static List<String> socket(String id, String name) {
        return List.of("-chardev", "socket,id=" + id + ",path=" + Cage.SOCKETS + "/" + name + ",server=on,wait=off");
    }

    /** What the guest's kernel is told. */
    public static String kernelArguments(Accelerator accelerator, HostCpu cpu) {
        return (KERNEL_ARGUMENTS + " " + accelerator.kernelArguments(cpu)).strip();
    }

    /** A boot whose RAM is a file that will be part of the template. */
    static List<String> boot(List<String> machine, Image image, Size size, String kernelArguments) {
        var words = new ArrayList<>(machine);
        words.addAll(memory("path=" + Cage.JOB + "/" + Template.MEMORY + ",share=on", size));
        words.addAll(drive("raw", Template.DISK));
        words.addAll(kernel(image, kernelArguments));
        return words;
    }

    /** A boot that only has to show that a kernel runs: no disk, no memory file. */
    static List<String> probe(Accelerator accelerator, Image image, HostCpu cpu) {
        var words = new ArrayList<>(List.of(
                "/" + Qemu.PROGRAM, "-M", "microvm,acpi=on,rtc=on,isa-serial=on" + accelerator.machineOptions()));
        words.addAll(accelerator.arguments());
        words.addAll(List.of("-cpu", accelerator.cpuModel(), "-m", "256M"));
        words.addAll(List.of("-nodefaults", "-no-user-config", "-nographic", "-no-reboot"));
        words.addAll(socket("console", Cage.CONSOLE_SOCKET));
        words.addAll(List.of("-serial", "chardev:console", "-S"));
        words.addAll(List.of("-qmp", "unix:" + Cage.SOCKETS + "/" + Cage.QMP_SOCKET + ",server=on,wait=off"));
        words.addAll(kernel(image, kernelArguments(accelerator, cpu) + " THAW_PROBE=1"));
        return words;
    }

    /** A machine that waits for the template's device state, on a private view of the template's RAM. */
    static List<String> restore(Template template, Qemu qemu) {
        var words = new ArrayList<>(template.machine());
        String readOnly = qemu.opensMemoryReadOnly() ? ",readonly=on,rom=off" : "";
        words.addAll(
                memory("path=" + Cage.TEMPLATE + "/" + Template.MEMORY + ",share=off" + readOnly, template.size()));
        words.addAll(drive("qcow2", Template.OVERLAY));
        words.addAll(List.of("-S", "-incoming", "defer"));
        return words;
    }

    private static List<String> memory(String how, Size size) {
        return List.of("-object", "memory-backend-file,id=mem,mem-" + how + ",size=" + size.mebibytes());
    }

    /**
     * No flush ever reaches the host's disk: the overlay is worth nothing once its guest is gone. An error of the host's
     * disk stops the machine and is ours to tell: the guest would take it for one of its own, and so would its build.
     */
    private static List<String> drive(String format, String name) {
        return List.of(
                "-drive",
                "id=" + DISK + ",if=none,format=" + format + ",file=" + Cage.JOB + "/" + name
                        + ",cache=unsafe,discard=unmap,detect-zeroes=unmap,werror=stop,rerror=stop");
    }

    private static List<String> kernel(Image image, String arguments) {
        return List.of(
                "-kernel",
                Cage.TEMPLATE + "/" + image.kernel().getFileName(),
                "-initrd",
                Cage.TEMPLATE + "/" + image.initramfs().getFileName(),
                "-append",
                arguments);
    }
}
