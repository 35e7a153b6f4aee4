package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class JobOutcomeTest {
    @Test
    void aFinishedJobExitsWithTheBuildsOwnCode() {
        var outcome = new JobOutcome.Finished(143);
        assertThat(outcome.exitCode()).isEqualTo(143);
        assertThat(outcome.word()).isEqualTo("finished");
        assertThatIllegalArgumentException().isThrownBy(() -> new JobOutcome.Finished(256));
    }

    @Test
    void outOfTimeIs124() {
        var outcome = new JobOutcome.TimedOut(Duration.ofMinutes(20));
        assertThat(outcome.exitCode()).isEqualTo(124);
        assertThat(outcome.word()).isEqualTo("timed-out");
    }

    @Test
    void cancelledIs130() {
        assertThat(new JobOutcome.Cancelled().exitCode()).isEqualTo(130);
        assertThat(new JobOutcome.Cancelled().word()).isEqualTo("cancelled");
    }
}
