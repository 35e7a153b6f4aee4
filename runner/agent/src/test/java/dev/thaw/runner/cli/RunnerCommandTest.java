package dev.thaw.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("cli")
class RunnerCommandTest {
    private final CommandLineProcess runner;

    RunnerCommandTest(@TempDir Path directory) throws IOException {
        runner = new CommandLineProcess(directory);
    }

    @Test
    void anUnknownCommandIsRefused() throws Exception {
        runner.run("exce").isFault("usage: Unmatched argument at index 0: 'exce'; see: runner --help");
    }

    @Test
    void noCommandIsRefused() throws Exception {
        runner.run().isFault("usage: Missing required subcommand; see: runner --help");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "exec",
                "template",
                "template build",
                "template list",
                "template inspect",
                "template remove",
                "doctor",
                "gc",
                "agent",
                "agent token",
                "agent token create",
                "agent token list",
                "agent token revoke",
                "bench",
                "bench start",
                "bench density",
                "bench agent"
            })
    void everyCommandHelps(String command) throws Exception {
        var ended = runner.run((command + " --help").strip().split(" ", -1));

        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).startsWith(("Usage: runner " + command).strip());
        assertThat(ended.code()).isZero();
    }

    @Test
    void theVersionIsOneLine() throws Exception {
        var ended = runner.run("--version");

        assertThat(ended.out()).startsWith("runner ").hasLineCount(1);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
    }

    @Test
    void aTemplateThatIsNotThereCannotBeRemoved() throws Exception {
        runner.run("template", "remove", "jdk99")
                .isFault("no template: no template is called jdk99; list them with: runner template list");
    }

    @Test
    void aSizeIsCpusTimesMemory() throws Exception {
        runner.run("template", "build", "--size", "2", "docker")
                .isFault("usage: --size must be CPUSxMEMORY, such as 4x4GiB, got: 2 (a size is a whole number and a"
                        + " unit, like 512MiB or 2GiB (B, KiB, MiB, GiB, TiB, or k, m, g, t), got: 2)");
    }

    @Test
    void anEmptyHomeHasNothingToListAndNothingToRemove() throws Exception {
        assertThat(runner.run("template", "list")).isEqualTo(new CommandLineProcess.Ended(0, "", ""));
        assertThat(runner.run("gc")).isEqualTo(new CommandLineProcess.Ended(0, "", ""));
    }

    @Test
    void aHostWithoutQemuIsToldWhatToInstall() throws Exception {
        runner.with("RUNNER_QEMU_ROOT", "/proc/self/fdinfo")
                .run("gc")
                .isFault("host: no QEMU: /proc/self/fdinfo/usr/bin/qemu-system-x86_64 is not there; install it with:"
                        + " apt-get install qemu-system-x86");
    }
}
