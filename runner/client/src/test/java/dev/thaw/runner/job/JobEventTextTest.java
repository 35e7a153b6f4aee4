package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobEventTextTest {
    private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");

    static Stream<JobEvent> events() {
        var all = new EnumMap<Phase, Double>(Phase.class);
        for (Phase phase : Phase.values()) {
            all.put(phase, all.size() * 10.5);
        }
        var green = new JobEnding(
                "finished",
                0,
                Optional.empty(),
                new ArtifactReport.Collected(3, 4, List.of("one", "two")),
                new Timings(all),
                Optional.of(new JobEnding.RanOn("key", "tcg")),
                Optional.of("digest"));
        var refused = new JobEnding(
                "finished",
                125,
                Optional.empty(),
                new ArtifactReport.Refused(Fault.ARTIFACTS, "no", List.of()),
                new Timings(Map.of()),
                Optional.empty(),
                Optional.empty());
        return Stream.of(
                new JobEvent.Moved(JobState.RUNNING, 2, NOON),
                new JobEvent.Reached(Phase.IDENTITY, 170.5),
                new JobEvent.Log(JobEvent.Stream.STDERR, ByteBuffer.wrap(new byte[] {0, -1, 10, 65})),
                new JobEvent.Truncated(77),
                new JobEvent.Ended(green, NOON),
                new JobEvent.Ended(refused, NOON),
                new JobEvent.Ended(JobEnding.interrupted("died"), NOON),
                new JobEvent.Ended(JobEnding.cancelled(), NOON),
                new JobEvent.Ended(
                        JobEnding.of(new RunnerException(Fault.GUEST_LOST, "gone"), new Timings(Map.of())), NOON));
    }

    @ParameterizedTest
    @MethodSource("events")
    void anEventIsOneLineAndReadBackAsItWas(JobEvent event) {
        String line = JobEventText.of(event);

        assertThat(line).doesNotContain("\n");
        assertThat(JobEventText.parse(line)).contains(event);
    }

    @Test
    void aKindOfALaterVersionIsPassedOver() {
        assertThat(JobEventText.parse("{\"type\":\"egress\",\"host\":\"x\"}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "{}",
                "{\"type\":\"state\",\"state\":\"asleep\",\"at\":\"2026-05-01T12:00:00Z\"}",
                "{\"type\":\"state\",\"state\":\"queued\",\"at\":\"noon\"}",
                "{\"type\":\"log\",\"stream\":\"stdout\"}",
                "{\"type\":\"log\",\"stream\":\"stdin\",\"data\":\"\"}",
                "{\"type\":\"phase\",\"phase\":\"lunch\"}",
                "{\"type\":\"ended\",\"at\":\"2026-05-01T12:00:00Z\",\"ending\":{}}"
            })
    void whatIsNoEventIsRefused(String line) {
        assertThatThrownBy(() -> JobEventText.parse(line)).isInstanceOf(IllegalArgumentException.class);
    }
}
