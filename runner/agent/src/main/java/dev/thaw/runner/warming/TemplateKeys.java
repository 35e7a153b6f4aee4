package dev.thaw.runner.warming;

import dev.thaw.runner.template.Digests;
import dev.thaw.runner.template.Image;
import dev.thaw.runner.template.Recipe;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.TemplateKey;
import dev.thaw.runner.vm.Accelerator;
import dev.thaw.runner.vm.HostCpu;
import dev.thaw.runner.vm.MachineLine;
import dev.thaw.runner.vm.Qemu;
import java.util.LinkedHashMap;

/** Writes down everything a snapshot on this host depends on. */
public final class TemplateKeys {
    /** Version of docs/guest-protocol.md. */
    private static final int GUEST_PROTOCOL = 2;

    private final Qemu qemu;
    private final HostCpu cpu;
    private final HostCertificates certificates;

    public TemplateKeys(Qemu qemu, HostCpu cpu, HostCertificates certificates) {
        this.qemu = qemu;
        this.cpu = cpu;
        this.certificates = certificates;
    }

    /** The key that a template of this recipe, image and machine has here and now. */
    public TemplateKey key(Recipe recipe, Image image, Size size, Accelerator accelerator) {
        var inputs = new LinkedHashMap<String, String>();
        inputs.put("guest_protocol", String.valueOf(GUEST_PROTOCOL));
        inputs.put("name", recipe.name());
        inputs.put("recipe", Digests.sha256(recipe.text()));
        inputs.put("qemu", qemu.version());
        inputs.put("machine", String.join(" ", MachineLine.machine(accelerator, size)));
        inputs.put("accelerator", accelerator.word());
        inputs.put("cpu", accelerator.cpuModel());
        inputs.put("host_cpu", accelerator.hostCpuInKey(cpu));
        inputs.put("tsc_khz", String.valueOf(cpu.tscKhz()));
        inputs.put("cpus", String.valueOf(size.cpus()));
        inputs.put("memory", String.valueOf(size.memory().bytes()));
        inputs.put("disk", String.valueOf(recipe.disk().bytes()));
        inputs.put("kernel", image.kernelSha256());
        inputs.put("initramfs", image.initramfsSha256());
        inputs.put("rootfs", image.rootfsSha256());
        inputs.put("guestd", image.guestdSha256());
        inputs.put("images", String.join(",", image.archives()));
        inputs.put("command_line", MachineLine.kernelArguments(accelerator, cpu));
        inputs.put("host_ca", certificates.digest());
        return new TemplateKey(inputs);
    }
}
