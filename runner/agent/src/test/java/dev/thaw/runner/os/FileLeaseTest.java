package dev.thaw.runner.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLeaseTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path file;

    FileLeaseTest(@TempDir Path directory) {
        file = directory.resolve("lock");
    }

    @Test
    void aFreeLeaseIsTakenWithoutAWord() throws Exception {
        var events = new ArrayList<String>();
        FileLease.take(file, LIMIT, () -> events.add("waiting")).close();
        FileLease.take(file, LIMIT, () -> events.add("waiting")).close();
        assertThat(events).isEmpty();
    }

    @Test
    void theSecondWaitsAndIsToldOnce() throws Exception {
        var events = new ArrayList<String>();
        FileLease first = FileLease.take(file, LIMIT, () -> {});
        Thread holder = new Thread(
                () -> {
                    try {
                        Thread.sleep(500);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    first.close();
                },
                "holder");
        holder.start();
        FileLease.take(file, LIMIT, () -> events.add("waiting")).close();
        holder.join();

        assertThat(events).containsExactly("waiting");
    }

    @Test
    void theKernelTakesItFromADeadProcess() throws Exception {
        LockHolder other = new LockHolder(file);
        try (other) {
            assertThatThrownBy(() -> FileLease.take(file, Duration.ofMillis(100), () -> {}))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.DEADLINE))
                    .hasMessageContaining("another runner has held " + file);
        }
        FileLease.take(file, LIMIT, () -> {}).close();
    }
}
