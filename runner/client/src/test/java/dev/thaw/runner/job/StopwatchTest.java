package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StopwatchTest {
    @Test
    void phasesAreListedInTheirOrderAndNotInThatOfTheirMarks() {
        Stopwatch stopwatch = Stopwatch.start();
        stopwatch.mark(Phase.RESUMED);
        stopwatch.mark(Phase.OVERLAY);
        assertThat(stopwatch.timings().millis().keySet()).containsExactly(Phase.OVERLAY, Phase.RESUMED);
        assertThat(stopwatch.timings().at(Phase.DISCARDED)).isEmpty();
    }

    @Test
    void theFirstMarkOfAPhaseCounts() throws InterruptedException {
        Stopwatch stopwatch = Stopwatch.start();
        stopwatch.mark(Phase.FIRST_EXEC);
        Timings first = stopwatch.timings();
        Thread.sleep(5);
        stopwatch.mark(Phase.FIRST_EXEC);
        assertThat(stopwatch.timings()).isEqualTo(first);
    }

    @Test
    void laterMarksDoNotChangeTimingsThatWereTaken() {
        Stopwatch stopwatch = Stopwatch.start();
        Timings before = stopwatch.timings();
        stopwatch.mark(Phase.OVERLAY);
        assertThat(before.millis()).isEmpty();
    }

    @Test
    void millisecondsAreKeptToATenth() {
        assertThat(new Timings(Map.of(Phase.OVERLAY, 10.26)).at(Phase.OVERLAY)).hasValue(10.3);
        assertThatIllegalArgumentException().isThrownBy(() -> new Timings(Map.of(Phase.OVERLAY, -1.0)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Timings(Map.of(Phase.OVERLAY, Double.NaN)));
    }

    @Test
    void keysAreThoseOfTheContract() {
        assertThat(Arrays.stream(Phase.values()).map(Phase::key))
                .containsExactly(
                        "overlay",
                        "vmm_up",
                        "restored",
                        "resumed",
                        "identity",
                        "workspace",
                        "first_exec",
                        "exited",
                        "collected",
                        "discarded");
    }
}
