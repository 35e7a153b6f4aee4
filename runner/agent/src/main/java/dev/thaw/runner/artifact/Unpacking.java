package dev.thaw.runner.artifact;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.BoundedPipe;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An archive being unpacked on a thread of its own while the guest still sends it. */
final class Unpacking implements AutoCloseable {
    private final BoundedPipe pipe;
    private final CompletableFuture<ArchiveUnpacker.Unpacked> unpacked = new CompletableFuture<>();
    private final Thread thread;

    Unpacking(ArchiveUnpacker unpacker, BoundedPipe pipe) {
        this.pipe = pipe;
        thread = new Thread(() -> run(unpacker), "artifact-unpacker");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(ArchiveUnpacker unpacker) {
        try {
            unpacked.complete(unpacker.unpack(pipe.input()));
        } catch (ArtifactRefusedException | IOException | RuntimeException | Error e) {
            // In this order: who is woken by the pipe finds the reason.
            unpacked.completeExceptionally(e);
            pipe.fail(new IOException("the archive is refused"));
        }
    }

    /** Throws what it ended with, if that was a failure; what the guest said about a torn pipe is no news then. */
    void checkRefusal() throws ArtifactRefusedException, IOException, InterruptedException {
        if (unpacked.isCompletedExceptionally()) {
            try {
                unpacked.get();
            } catch (ExecutionException e) {
                rethrow(e.getCause(), "");
            }
        }
    }

    /** What came out; {@code hint} stands behind the reason if the archive is refused. */
    ArchiveUnpacker.Unpacked await(Deadline deadline, String hint)
            throws ArtifactRefusedException, IOException, RunnerException, InterruptedException {
        try {
            return unpacked.get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new RunnerException(Fault.DEADLINE, "they could not be written in time", e);
        } catch (ExecutionException e) {
            rethrow(e.getCause(), hint);
            throw new AssertionError(e);
        }
    }

    private static void rethrow(@Nullable Throwable cause, String hint) throws ArtifactRefusedException, IOException {
        if (cause instanceof ArtifactRefusedException refusal) {
            throw new ArtifactRefusedException(refusal.getMessage() + hint, refusal);
        }
        if (cause instanceof IOException e) {
            throw e;
        }
        throw new IllegalStateException("unpacking artifacts", cause);
    }

    /** Ends it, if it has not ended. Waits for its thread, so that nothing is written afterwards. */
    @Override
    public void close() {
        pipe.fail(new IOException("nobody wants the archive any more"));
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // It ends by itself: its next read or write fails.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
