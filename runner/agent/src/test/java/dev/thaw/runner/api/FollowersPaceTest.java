package dev.thaw.runner.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FollowersPaceTest {
    private static final int MEBIBYTE = 1 << 20;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final FollowersPace pace = new FollowersPace(2, now::get);

    @Test
    void whatABuildUsuallyPrintsIsNotHeldUp() {
        for (int i = 0; i < 100; i++) {
            assertThat(pace.restAfter(MEBIBYTE)).isEqualTo(Duration.ZERO);
            now.addAndGet(Duration.ofMillis(80).toNanos());
        }
        assertThat(pace.restAfter(3 * MEBIBYTE)).isEqualTo(Duration.ZERO);
    }

    @Test
    void whoHearsMoreRestsUntilItIsNotMore() {
        // 200 ms of 16 MiB a second are free.
        assertThat(pace.restAfter(19 * MEBIBYTE + MEBIBYTE / 5))
                .isBetween(Duration.ofMillis(999), Duration.ofMillis(1001));
        now.addAndGet(Duration.ofMillis(500).toNanos());
        assertThat(pace.restAfter(0)).isBetween(Duration.ofMillis(499), Duration.ofMillis(501));
        now.addAndGet(Duration.ofMillis(500).toNanos());
        assertThat(pace.restAfter(0)).isEqualTo(Duration.ZERO);
    }

    @Test
    void aLongSilenceIsNotSavedUp() {
        now.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(pace.restAfter(16 * MEBIBYTE)).isBetween(Duration.ofMillis(799), Duration.ofMillis(801));
    }
}
