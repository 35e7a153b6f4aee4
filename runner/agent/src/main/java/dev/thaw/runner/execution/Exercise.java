package dev.thaw.runner.execution;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.Step;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The way of every job, without a job: what is translated and touched on it is there when one comes. The guest has no
 * identity meanwhile, as when a template is warmed, and shares its randomness with others; so nothing is made here that
 * is kept.
 */
final class Exercise {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", GuestSteps.PATH, "LC_ALL", "C.UTF-8", "LANG", "C.UTF-8");

    /**
     * What guestd does at the gate, as near as a shell comes to it: the same calls and the same files, each getting what
     * it has. The random generator is left alone. What fails is only slower later.
     */
    private static final String GATE = """
            date --set="@$(date +%s)"
            for file in /etc/machine-id /etc/hostname /etc/hosts; do
                text="$(cat "$file")" && printf '%s\\n' "$text" > "$file"
            done
            hostname "$(hostname)"
            true
            """;

    /** An archive with nothing in it: blocks of zeros. */
    private static final byte[] EMPTY_ARCHIVE = new byte[10 << 10];

    private Exercise() {}

    static void run(GuestSession session, Deadline deadline) throws RunnerException, InterruptedException {
        session.identifyWarming(deadline);
        command(session, List.of("/bin/sh", "-c", GATE), "/", "root", new byte[0], deadline);
        List<String> tar = List.of("tar", "--extract", "--file=-", "--directory=" + JobExecution.WORKSPACE);
        command(session, tar, "/", "build", EMPTY_ARCHIVE, deadline);
        List<String> step = Step.script("nothing", "true").argv();
        command(session, step, JobExecution.WORKSPACE, "build", new byte[0], deadline);
    }

    private static void command(
            GuestSession session, List<String> argv, String directory, String user, byte[] input, Deadline deadline)
            throws RunnerException, InterruptedException {
        // Outputs that nobody reads still take the way that a job's take.
        OutputSink sink = OutputSink.to(OutputStream.nullOutputStream());
        var stdio = new Stdio(new ByteArrayInputStream(input), sink, sink);
        try (GuestProcess process = session.start(new GuestCommand(argv, ENVIRONMENT, directory, user), stdio)) {
            Optional<ExecOutcome> outcome = process.await(deadline);
            if (outcome.isEmpty() || outcome.get().exitCode() != 0) {
                throw new RunnerException(
                        Fault.RESTORE, "exercising a guest: " + argv.get(0) + " ended with " + outcome);
            }
        }
    }
}
