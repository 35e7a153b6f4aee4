package dev.thaw.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.bench.Quantiles;
import dev.thaw.runner.bench.StartBench;
import org.junit.jupiter.api.Test;

class StartFiguresTest {
    private static StartBench.Report report(boolean standby) {
        return new StartBench.Report("tcg", 20, standby, new Quantiles(30, 45), new Quantiles(150, 170), 20_000);
    }

    @Test
    void programsGetJson() {
        assertThat(StartFigures.json(report(true)))
                .isEqualTo("{\"accelerator\":\"tcg\",\"runs\":20,\"standby\":true,"
                        + "\"claim_to_first_exec_ms\":{\"p50\":30.0,\"p95\":45.0},"
                        + "\"floor_ms\":{\"p50\":150.0,\"p95\":170.0},\"cold_boot_to_docker_ms\":20000}");
    }

    @Test
    void peopleGetTheRatiosToo() {
        assertThat(StartFigures.text(report(true)))
                .isEqualTo("tcg, 20 runs: claim to first command from standby 30 ms (p95 45), floor 150 ms (p95 170):"
                        + " 0.20 x floor, p95 0.30 x; a cold boot until Docker answers took 20000 ms");
        assertThat(StartFigures.text(report(false))).contains("first command 30 ms (p95 45)");
    }
}
