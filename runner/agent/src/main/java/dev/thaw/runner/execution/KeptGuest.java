package dev.thaw.runner.execution;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A guest as a failed step left it. For any thread. */
public interface KeptGuest {
    /**
     * Runs a command as the steps were run: same user, environment, directory and container.
     *
     * @return its exit code; 128 + signal if one killed it, 126 or 127 if there is nothing to run
     * @throws RunnerException {@code DEADLINE} if it does not end in time; {@code GUEST_LOST} and the like
     */
    int run(List<String> argv, JobStreams streams, Deadline deadline) throws RunnerException, InterruptedException;

    /** Completes when the guest has gone away by itself. */
    CompletableFuture<?> gone();
}
