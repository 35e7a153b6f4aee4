package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BoundedPipeTest {
    private final BoundedPipe pipe = new BoundedPipe(7);

    @Test
    void everythingComesOutInOrderAndThenItsEnd() throws Exception {
        byte[] bytes = new byte[10_000];
        new Random(1).nextBytes(bytes);
        var written = CompletableFuture.runAsync(() -> {
            try (var out = pipe.output()) {
                out.write(bytes[0]);
                out.write(bytes, 1, bytes.length - 1);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(pipe.input().readAllBytes()).isEqualTo(bytes);
        written.get(30, TimeUnit.SECONDS);
        assertThat(pipe.input().read()).isEqualTo(-1);
    }

    @Test
    void aWriterWaitsForAReader() throws Exception {
        pipe.output().write(new byte[7]);
        Thread writer = new Thread(() -> {
            try {
                pipe.output().write(8);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        writer.start();
        while (writer.getState() != Thread.State.WAITING) {
            assertThat(writer.isAlive()).isTrue();
        }
        assertThat(pipe.input().readNBytes(8)).hasSize(8).endsWith(8);
        writer.join();
    }

    @Test
    void aFailureReachesWhoeverWaitsOnEitherSide() throws Exception {
        var read =
                CompletableFuture.supplyAsync(() -> thrownBy(() -> pipe.input().read()));
        pipe.fail(new IOException("first"));
        pipe.fail(new IOException("second"));
        assertThat(read.get(30, TimeUnit.SECONDS)).isEqualTo("first");
        assertThat(thrownBy(() -> pipe.output().write(1))).isEqualTo("first");
    }

    @Test
    void anInterruptedWaitEndsAndTheThreadStaysInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> pipe.input().read()).isInstanceOf(java.io.InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    private interface Action {
        void run() throws IOException;
    }

    private static String thrownBy(Action action) {
        try {
            action.run();
            return "nothing";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
