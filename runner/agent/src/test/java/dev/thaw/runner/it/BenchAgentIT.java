package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's bench, small: what it counts is right, whatever the figures are. */
class BenchAgentIT {
    private static final int MEBIBYTES = 4;

    @TempDir
    Path work = Path.of("");

    @Test
    void theBenchCountsWhatItHadAnAgentDoAndLeavesNothing() throws Exception {
        Host.template();
        String out = Runner.shared()
                .run(
                        work,
                        "bench",
                        "agent",
                        "--jobs",
                        "6",
                        "--log",
                        MEBIBYTES + "MiB",
                        "--followers",
                        "3",
                        "--rounds",
                        "1",
                        "--json")
                .expect(0)
                .out();

        System.out.println("bench agent: " + out);
        JsonNode jobs = new JsonMapper().readTree(out).path("jobs");
        assertThat(jobs.path("submitted").asInt()).isEqualTo(6);
        assertThat(jobs.path("at_once").asInt()).isPositive();
        assertThat(jobs.path("green_once").asInt()).isEqualTo(6);
        assertThat(jobs.path("lost").asInt()).isZero();
        assertThat(jobs.path("twice").asInt()).isZero();
        assertThat(jobs.path("ratio").asDouble())
                .isEqualTo(jobs.path("per_minute").asDouble()
                        / jobs.path("floor_per_minute").asDouble());
        assertThat(jobs.path("memory_after").path("heap_mib").asDouble()).isPositive();
        JsonNode log = new JsonMapper().readTree(out).path("log");
        // That its followers heard all of it, the bench has looked at itself.
        assertThat(log.path("bytes").asLong()).isEqualTo(MEBIBYTES << 20);
        assertThat(log.path("followers").asInt()).isEqualTo(3);
        assertThat(log.path("alone_s").asDouble()).isPositive();
        assertThat(log.path("followed_s").asDouble()).isPositive();
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }
}
