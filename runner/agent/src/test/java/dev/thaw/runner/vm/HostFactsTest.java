package dev.thaw.runner.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.os.Subprocess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read from the host: its processor, its QEMU. */
class HostFactsTest {
    @Test
    void modelAndMicrocodeAreThoseOfTheFirstProcessor() {
        String cpuinfo = """
                processor\t: 0
                model name\t: Some CPU @ 2.60GHz
                microcode\t: 0xd000

                processor\t: 1
                model name\t: Another
                microcode\t: 0xe000
                """;
        assertThat(HostCpu.parse(cpuinfo, 7)).isEqualTo(new HostCpu("Some CPU @ 2.60GHz", "0xd000", 7));
    }

    @Test
    void whatTheKernelDoesNotTellIsUnknown() {
        assertThat(HostCpu.parse("processor\t: 0\n", 7)).isEqualTo(new HostCpu("unknown", "unknown", 7));
    }

    @Test
    void versionsAreComparedAsNumbers() {
        assertThat(qemu("7.2.22").atLeast(7, 2)).isTrue();
        assertThat(qemu("7.2.22").atLeast(8, 2)).isFalse();
        assertThat(qemu("10.0.2").atLeast(8, 2)).isTrue();
        assertThat(qemu("8.10.0").atLeast(8, 2)).isTrue();
        assertThat(qemu("8.1.9").atLeast(8, 2)).isFalse();
        assertThat(new Qemu(Path.of("/"), "nonsense").atLeast(1, 0)).isFalse();
    }

    @Test
    void onlyAQemuThatCanOpensTheMemoryReadOnlyByItself() {
        assertThat(qemu("8.2.0").opensMemoryReadOnly()).isTrue();
        assertThat(qemu("8.1.0").opensMemoryReadOnly()).isFalse();
    }

    @Test
    void aMissingQemuIsOneLineWithWhatToType(@TempDir Path root) {
        var subprocess = new Subprocess(Map.of());
        assertThatThrownBy(() -> Qemu.find(root, new RunnerHome(root, root), subprocess))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.HOST))
                .hasMessage("no QEMU: " + root + "/usr/bin/qemu-system-x86_64 is not there; install it with: apt-get"
                        + " install qemu-system-x86");
    }

    private static Qemu qemu(String version) {
        return new Qemu(Path.of("/"), "QEMU emulator version " + version + " (Debian 1:" + version + ")");
    }
}
