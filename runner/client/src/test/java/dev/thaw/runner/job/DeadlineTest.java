package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    @Test
    void whatIsLeftShrinks() throws InterruptedException {
        Deadline deadline = Deadline.in(Duration.ofMinutes(1));
        long before = deadline.leftNanos();
        Thread.sleep(2);
        assertThat(deadline.leftNanos()).isLessThan(before).isPositive();
        assertThat(deadline.left()).isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
        assertThat(deadline.passed()).isFalse();
    }

    @Test
    void onceItHasPassedNothingIsLeftAndNeverLess() {
        for (Deadline deadline : new Deadline[] {Deadline.in(Duration.ZERO), Deadline.in(Duration.ofDays(-1))}) {
            assertThat(deadline.passed()).isTrue();
            assertThat(deadline.left()).isZero();
            assertThat(deadline.leftMillis()).isZero();
        }
    }

    @Test
    void aRestBelowAMillisecondStillCountsAsOne() {
        Deadline deadline = Deadline.in(Duration.ofMinutes(1));
        assertThat(deadline.leftMillis()).isGreaterThanOrEqualTo(deadline.left().toMillis());
    }

    @Test
    void theEarlierOfTwoCounts() {
        Deadline hour = Deadline.in(Duration.ofHours(1));
        assertThat(hour.atMost(Duration.ofSeconds(5)).left()).isLessThanOrEqualTo(Duration.ofSeconds(5));
        assertThat(hour.atMost(Duration.ofHours(2))).isSameAs(hour);
    }

    @Test
    void noLengthIsTooLong() {
        Deadline never = Deadline.in(Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(never.passed()).isFalse();
        assertThat(never.left()).isGreaterThan(Duration.ofDays(36_000));
        assertThat(never.atMost(Duration.ofSeconds(1)).left()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }
}
