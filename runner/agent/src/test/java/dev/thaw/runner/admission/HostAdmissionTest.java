package dev.thaw.runner.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostAdmissionTest {
    private final Path directory;
    private final Path meminfo;
    private final HostAdmission admission;

    HostAdmissionTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        meminfo = Files.writeString(
                directory.resolve("meminfo"), "MemTotal:       9000000 kB\nMemAvailable:   2097152 kB\n");
        admission = new HostAdmission(directory, new HostMemory(meminfo));
    }

    @Test
    void aGuestThatFitsIsAdmitted() throws Exception {
        try (Lease lease = admission.lease(ByteSize.parse("2GiB"))) {
            assertThat(lease).isNotNull();
        }
    }

    @Test
    void aGuestThatDoesNotFitIsToldWhatIsLeft() {
        assertThatThrownBy(() -> admission.lease(ByteSize.parse("4GiB")))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.NO_SPACE))
                .hasMessage("a guest may use 4GiB of memory, the host has 2048 MiB left; free some, see: runner gc");
    }

    @Test
    void aHostThatCannotBeSeenAdmitsNobody() throws Exception {
        Files.delete(meminfo);
        assertThatThrownBy(() -> admission.lease(ByteSize.parse("256MiB")))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.HOST));
        assertThat(directory).isDirectory();
    }
}
