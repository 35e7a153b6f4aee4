package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
    @ParameterizedTest
    @CsvSource({"90s, 90", "20m, 1200", "1h30m, 5400", "1h30m5s, 5405", "24H, 86400", "0s, 0"})
    void readsHoursMinutesAndSeconds(String text, long seconds) {
        assertThat(DurationText.parse(text)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "20", "m", "1.5h", "-5m", "5m1h", "1d", "1h 30m", "5m5m", "99999999999999999999s"})
    void refusesTheRestAndSaysHowItIsWritten(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DurationText.parse(text))
                .withMessage("a length of time looks like 90s, 20m or 1h30m, got: " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "59s", "1m30s", "20m", "1h30m", "24h"})
    void writesWhatItReads(String text) {
        assertThat(DurationText.of(DurationText.parse(text))).isEqualTo(text);
    }
}
