package dev.thaw.runner.vm;

import java.util.List;
import java.util.Locale;

/**
 * What executes the guest's instructions. All that differs between the two stands here.
 *
 * <p>Only KVM is a security boundary in QEMU's own words; TCG is for development, tests and trusted code.
 */
public enum Accelerator {
    /** The host's processor. */
    KVM("host", "", "kvm"),
    /**
     * Emulation. Timer and interrupt controller of the PC must be there, or the kernel finds no clock. The size of the
     * translation buffer is a trade between a guest's private memory and how often code is translated anew: see
     * docs/adr/0003-translation-buffer.md. The processor must not offer fast string copies, which are emulated byte by
     * byte: see docs/adr/0007-no-string-copies-under-tcg.md.
     */
    TCG("max,-erms,-fsrm", ",pit=on,pic=on", "tcg,thread=multi,tb-size=64");

    private final String cpuModel;
    private final String machineOptions;
    private final String option;

    Accelerator(String cpuModel, String machineOptions, String option) {
        this.cpuModel = cpuModel;
        this.machineOptions = machineOptions;
        this.option = option;
    }

    /** QEMU's name of the processor the guest sees. */
    public String cpuModel() {
        return cpuModel;
    }

    /** What the machine needs besides what it always has; begins with a comma if it is not empty. */
    String machineOptions() {
        return machineOptions;
    }

    /** QEMU's arguments that choose it. */
    List<String> arguments() {
        return List.of("-accel", option);
    }

    /**
     * What a guest's kernel must be told. Under emulation one boot in five cannot measure the time stamp counter and
     * hangs for good, so it is told the host's rate.
     */
    String kernelArguments(HostCpu cpu) {
        return this == TCG && cpu.tscKhz() > 0 ? "tsc_early_khz=" + cpu.tscKhz() : "";
    }

    /** What of the host's processor a snapshot depends on. */
    public String hostCpuInKey(HostCpu cpu) {
        return this == KVM ? cpu.model() + " microcode " + cpu.microcode() : "any";
    }

    /** {@code kvm} or {@code tcg}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the accelerator is QEMU's security boundary. */
    public boolean isolates() {
        return this == KVM;
    }
}
