package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lane of docs/kvm-lane.md: KVM on an emulated host, and the same host without its module as the control. */
@Tag("full")
class KvmLaneIT {
    private static final long LIMIT_MINUTES = 45;

    @TempDir
    Path work = Path.of("");

    @Test
    void aBuildRunsUnderKvmOnAHostThatHasItAndAutoChoosesTcgOnTheSameHostWithout() throws Exception {
        assertThat(Host.template().name()).isEqualTo("docker");
        Path out = Runner.ROOT.resolve("target").resolve("kvm-lane");
        Path said = work.resolve("said");
        var builder = new ProcessBuilder(
                        "bash", Runner.ROOT.resolve("runner/kvm-lane/run").toString(), out.toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("RUNNER_HOME", Runner.HOME.toString());
        builder.environment().put("RUNNER_JAR", Runner.JAR.toString());
        Process lane = builder.start();
        try {
            assertThat(lane.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)).isTrue();
        } finally {
            // Not forcibly: it ends the emulated host, too.
            lane.destroy();
        }
        assertThat(lane.exitValue()).describedAs(Files.readString(said)).isZero();

        assertThat(Files.readString(out.resolve("kvm.report")))
                .contains("lane: up, kvm")
                .containsPattern("(?m)^ok +accelerator +kvm: a kernel answered under it$")
                .containsPattern("(?m)^ok +qemu +QEMU emulator version 1\\d")
                .contains("[1/6] booting with 1 CPU, 1GiB under KVM")
                .containsPattern("(?m)^/usr/bin/qemu-system-x86_64 .* -accel kvm -cpu host .* -incoming defer")
                .containsPattern("(?m)^kvm-vm$")
                .containsPattern("(?m)^Uid:\\s+19000000\\d\\d\\s")
                .containsPattern("(?m)^Seccomp:\\s+2$")
                .containsPattern("(?m)^CapEff:\\s+0+$")
                .contains("container says hello from the lane")
                .contains("Hello from the image, on Linux")
                .endsWith("lane: all steps passed\n");
        List<String> without = Files.readAllLines(out.resolve("tcg.report"));
        assertThat(without)
                .contains("lane: up, tcg", "lane: found refusal", "lane: all steps passed")
                .anyMatch(line -> line.matches(
                        "warning +accelerator +tcg: KVM cannot run guests here: there is no /dev/kvm; .*"));
    }
}
