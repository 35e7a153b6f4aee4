package dev.thaw.runner.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MachineLineTest {
    private static final Size SIZE = new Size(2, ByteSize.parse("2GiB"));
    private static final HostCpu CPU = new HostCpu("a processor", "0x1", 2_596_000);

    private static String machine(Accelerator accelerator) {
        return String.join(" ", MachineLine.machine(accelerator, SIZE));
    }

    @Test
    void theMachineUnderTcgHasATimerAndABoundedTranslationBuffer() {
        assertThat(machine(Accelerator.TCG))
                .startsWith(
                        "/usr/bin/qemu-system-x86_64 -M microvm,acpi=on,rtc=on,isa-serial=on,memory-backend=mem,pit=on,"
                                + "pic=on -accel tcg,thread=multi,tb-size=64 -cpu max,-erms,-fsrm -smp 2 -m 2048M -nodefaults -no-user-config"
                                + " -nographic -no-reboot -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
                                + "resourcecontrol=deny ");
    }

    @Test
    void theMachineUnderKvmIsTheHostsProcessor() {
        assertThat(machine(Accelerator.KVM))
                .contains("memory-backend=mem -accel kvm -cpu host -smp 2")
                .doesNotContain("tcg", "pit=on");
    }

    @Test
    void noMachineHasANetworkDevice() {
        for (Accelerator accelerator : Accelerator.values()) {
            assertThat(MachineLine.machine(accelerator, SIZE))
                    .contains("-nodefaults")
                    .noneMatch(word -> word.contains("net"))
                    .filteredOn(word -> word.startsWith("virt"))
                    .containsExactly(
                            "virtio-mmio.force-legacy=false",
                            "virtio-serial-device,id=ports",
                            "virtserialport,bus=ports.0,chardev=guest,name=dev.thaw.guestd",
                            "virtio-blk-device,drive=disk");
        }
    }

    @Test
    void onlyUnderTcgIsTheKernelToldTheClocksRate() {
        assertThat(MachineLine.kernelArguments(Accelerator.TCG, CPU)).endsWith(" tsc_early_khz=2596000");
        assertThat(MachineLine.kernelArguments(Accelerator.KVM, CPU))
                .doesNotContain("tsc_early_khz")
                .contains("random.trust_cpu=off");
    }

    @Test
    void aRestoreOpensTheTemplatesMemoryPrivatelyAndReadOnlyWhereQemuCan() {
        Template template = template(MachineLine.machine(Accelerator.TCG, SIZE));
        String old = String.join(" ", MachineLine.restore(template, qemu("7.2.22")));
        String current = String.join(" ", MachineLine.restore(template, qemu("10.0.2")));
        assertThat(old)
                .contains("mem-path=/template/memory,share=off,size=2048M")
                .contains("file=/job/overlay.qcow2,cache=unsafe")
                .endsWith("-S -incoming defer");
        assertThat(current).contains("mem-path=/template/memory,share=off,readonly=on,rom=off,size=2048M");
    }

    @Test
    void theTranslationBufferCanHaveAnotherSizeAndNothingElseChanges() throws Exception {
        List<String> machine = MachineLine.machine(Accelerator.TCG, SIZE);
        assertThat(String.join(" ", MachineLine.withTranslationBuffer(machine, 256)))
                .isEqualTo(machine(Accelerator.TCG).replace("tb-size=64", "tb-size=256"));
        assertThatThrownBy(() -> MachineLine.withTranslationBuffer(MachineLine.machine(Accelerator.KVM, SIZE), 256))
                .hasMessage("only a guest under TCG has a translation buffer, this one runs on kvm");
    }

    private static Qemu qemu(String version) {
        return new Qemu(Path.of("/"), "QEMU emulator version " + version + " (Debian)");
    }

    private static Template template(List<String> machine) {
        return new Template(
                Path.of("/t"), "key", "docker", SIZE, Instant.EPOCH, Map.of(), machine, "nonce", 1, 1, Map.of());
    }
}
