package dev.thaw.runner.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VmmEndTest {
    @TempDir
    Path directory = Path.of("");

    private String end(String script, String shutdown) throws Exception {
        Path log = directory.resolve("vmm.log");
        Process process = new ProcessBuilder("sh", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            return VmmEnd.of(process, log, shutdown);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aMachineThatResetsItselfIsTold() throws Exception {
        assertThat(end("exit 0", "guest-reset")).isEqualTo("QEMU ended with code 0 after guest-reset");
    }

    @Test
    void aVmmThatGivesUpIsToldWithItsLastComplaint() throws Exception {
        assertThat(end("echo first; echo 'qemu: no such device'; echo; exit 1", ""))
                .isEqualTo("QEMU ended with code 1: qemu: no such device");
    }

    @Test
    void aVmmThatIsKilledIsToldWithTheSignal() throws Exception {
        assertThat(end("kill -KILL $$", "")).isEqualTo("QEMU ended by signal 9");
    }

    @Test
    void aVmmThatGoesOnIsTold() throws Exception {
        assertThat(end("exec sleep 60", "")).isEqualTo("QEMU still runs");
    }

    @Test
    void whatItComplainsOfCannotTakeOverATerminal() throws Exception {
        assertThat(end("printf '\\033[2J\\377\\n'; exit 1", "")).isEqualTo("QEMU ended with code 1: ?[2J?");
    }

    @Test
    void aComplaintThatCannotBeReadIsNone() throws Exception {
        Path nowhere = directory.resolve("nowhere");
        assertThat(Files.exists(nowhere)).isFalse();
        assertThat(VmmEnd.lastLine(nowhere)).isEmpty();
    }
}
