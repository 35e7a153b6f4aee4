package dev.thaw.runner.cli;

import dev.thaw.runner.execution.Keeper;
import dev.thaw.runner.execution.KeptGuest;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobOutcome;
import dev.thaw.runner.shell.ShellServer;
import dev.thaw.runner.shell.ShellSockets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code --keep-on-failure}: keeps a failed job's guest for {@code runner shell}, until Ctrl-C or for an hour. */
record ShellKeeper(JobId id, ShellSockets sockets, Console console, Cancellation cancellation) implements Keeper {
    static final Duration LIMIT = Duration.ofHours(1);

    /** What is said while a guest is kept. */
    static String kept(int exitCode, JobId id) {
        return "the job ended with " + exitCode + "; its guest is kept for " + LIMIT.toMinutes()
                + " minutes: runner shell " + id + "; Ctrl-C here discards it";
    }

    @Override
    public void keep(JobOutcome outcome, KeptGuest guest) throws InterruptedException {
        // Ctrl-C from now on ends the keeping; the build has its verdict.
        cancellation.concluded(outcome.exitCode());
        try (ShellServer server = ShellServer.open(sockets.of(id), guest)) {
            console.say(kept(outcome.exitCode(), id));
            guest.gone().get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
            console.say("the kept guest has gone away");
        } catch (TimeoutException e) {
            console.say("the guest was kept for " + LIMIT.toMinutes() + " minutes and is discarded");
        } catch (RunnerException | ExecutionException e) {
            console.say("the guest cannot be kept: " + e.getMessage());
        }
    }
}
