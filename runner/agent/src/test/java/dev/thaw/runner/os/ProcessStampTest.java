package dev.thaw.runner.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessStampTest {
    @Test
    void whatIsWrittenIsReadBack() {
        ProcessStamp stamp = ProcessStamp.of(ProcessHandle.current());

        assertThat(ProcessStamp.parse(stamp + "\n")).contains(stamp);
        assertThat(stamp.alive()).contains(ProcessHandle.current());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "17", "17 ", "x 2026-01-01T00:00:00Z", "17 yesterday", "17 2026-01-01T00:00:00Z x"})
    void anythingElseIsNobody(String text) {
        assertThat(ProcessStamp.parse(text)).isEmpty();
    }

    @Test
    void anotherProcessOfTheSameNumberIsNotKilled() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "600").start();
        try {
            var former = new ProcessStamp(sleep.pid(), Instant.EPOCH);
            assertThat(former.alive()).isEmpty();
            former.kill();
            assertThat(sleep.isAlive()).isTrue();

            ProcessStamp.of(sleep.toHandle()).kill();
            assertThat(ProcessStamp.ended(sleep.toHandle())).isTrue();
        } finally {
            sleep.destroyForcibly();
        }
    }

    @Test
    void aProcessThatNobodyHasWaitedForHasEnded() throws Exception {
        // The shell becomes a sleep that never waits for the child it has inherited.
        Process parent = new ProcessBuilder("sh", "-c", "sleep 600 & exec sleep 600").start();
        try {
            ProcessHandle child = childOf(parent);
            assertThat(ProcessStamp.ended(child)).isFalse();

            ProcessStamp.of(child).kill();

            assertThat(ProcessStamp.ended(child)).isTrue();
            assertThat(parent.isAlive()).isTrue();
        } finally {
            parent.descendants().forEach(ProcessHandle::destroyForcibly);
            parent.destroyForcibly();
        }
    }

    private static ProcessHandle childOf(Process parent) throws InterruptedException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (System.nanoTime() - end < 0) {
            var child = parent.children().findFirst();
            if (child.isPresent()) {
                return child.get();
            }
            Thread.sleep(5);
        }
        throw new AssertionError("no child within 10 s");
    }
}
