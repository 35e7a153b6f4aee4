package dev.thaw.runner.warming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.template.Image;
import dev.thaw.runner.template.Recipe;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.vm.Accelerator;
import dev.thaw.runner.vm.HostCpu;
import dev.thaw.runner.vm.Qemu;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a snapshot depends on changes its key: each line changes one thing. */
class TemplateKeysTest {
    private static final Qemu QEMU = new Qemu(Path.of("/"), "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)");
    private static final HostCpu CPU = new HostCpu("cpu", "0x1", 2_000_000);
    private static final HostCertificates NONE = new HostCertificates("");
    private static final Size SIZE = new Size(2, ByteSize.parse("2GiB"));

    private static Recipe recipe(String name, String disk, String text) {
        return new Recipe(
                name,
                List.of(),
                "trixie",
                List.of(),
                List.of(),
                List.of(SIZE),
                ByteSize.parse(disk),
                List.of(),
                List.of(),
                text);
    }

    private static Image image(String kernel, String initramfs, String rootfs, String guestd, String... archives) {
        return new Image(Path.of("/i"), "inputs", kernel, initramfs, rootfs, guestd, List.of(archives));
    }

    private static String key(Qemu qemu, HostCpu cpu, HostCertificates ca, Recipe recipe, Image image, Size size) {
        return new TemplateKeys(qemu, cpu, ca)
                .key(recipe, image, size, Accelerator.TCG)
                .digest();
    }

    @Test
    void everythingASnapshotDependsOnChangesTheKey() {
        Recipe recipe = recipe("docker", "8GiB", "text");
        Image image = image("k", "i", "r", "g", "a");
        Qemu rebuilt = new Qemu(Path.of("/"), "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-8)");
        var keys = new ArrayList<String>();
        keys.add(key(QEMU, CPU, NONE, recipe, image, SIZE));
        keys.add(key(rebuilt, CPU, NONE, recipe, image, SIZE));
        keys.add(key(QEMU, new HostCpu("cpu", "0x1", 2_001_000), NONE, recipe, image, SIZE));
        keys.add(key(QEMU, CPU, new HostCertificates("pem"), recipe, image, SIZE));
        keys.add(key(QEMU, CPU, NONE, recipe("java", "8GiB", "text"), image, SIZE));
        keys.add(key(QEMU, CPU, NONE, recipe("docker", "9GiB", "text"), image, SIZE));
        keys.add(key(QEMU, CPU, NONE, recipe("docker", "8GiB", "another warm-up"), image, SIZE));
        keys.add(key(QEMU, CPU, NONE, recipe, image("K", "i", "r", "g", "a"), SIZE));
        keys.add(key(QEMU, CPU, NONE, recipe, image("k", "I", "r", "g", "a"), SIZE));
        keys.add(key(QEMU, CPU, NONE, recipe, image("k", "i", "R", "g", "a"), SIZE));
        keys.add(key(QEMU, CPU, NONE, recipe, image("k", "i", "r", "G", "a"), SIZE));
        keys.add(key(QEMU, CPU, NONE, recipe, image("k", "i", "r", "g", "a", "b"), SIZE));
        keys.add(key(QEMU, CPU, NONE, recipe, image, new Size(4, ByteSize.parse("2GiB"))));
        keys.add(key(QEMU, CPU, NONE, recipe, image, new Size(2, ByteSize.parse("4GiB"))));
        keys.add(new TemplateKeys(QEMU, CPU, NONE)
                .key(recipe, image, SIZE, Accelerator.KVM)
                .digest());
        assertThat(keys).doesNotHaveDuplicates();
        assertThat(key(QEMU, CPU, NONE, recipe, image, SIZE)).isEqualTo(keys.get(0));
    }

    @Test
    void theHostsProcessorCountsWhereGuestsSeeIt() {
        Recipe recipe = recipe("docker", "8GiB", "text");
        Image image = image("k", "i", "r", "g");
        var other = new HostCpu("another cpu", "0x2", CPU.tscKhz());
        assertThat(key(QEMU, other, NONE, recipe, image, SIZE)).isEqualTo(key(QEMU, CPU, NONE, recipe, image, SIZE));
        assertThat(new TemplateKeys(QEMU, other, NONE).key(recipe, image, SIZE, Accelerator.KVM))
                .isNotEqualTo(new TemplateKeys(QEMU, CPU, NONE).key(recipe, image, SIZE, Accelerator.KVM));
    }
}
