package dev.thaw.runner.warming;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.Deadline;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Commands in a guest that is being warmed: all as root, none of any job. */
final class WarmGuest {
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME", "/root", "LANG", "C.UTF-8");
    private static final long READY_PAUSE_MILLIS = 250;

    private final GuestSession session;
    private final Deadline deadline;

    WarmGuest(GuestSession session, Deadline deadline) {
        this.session = session;
        this.deadline = deadline;
    }

    /** Runs a shell command that must end with 0. */
    void run(String command) throws RunnerException, InterruptedException {
        require(command, null, "root");
    }

    /** Runs a shell command as the user that steps run as; it must end with 0. */
    void runAsBuild(String command) throws RunnerException, InterruptedException {
        require(command, null, "build");
    }

    /** Runs a shell command on a text. */
    void run(String command, String input) throws RunnerException, InterruptedException {
        require(command, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), "root");
    }

    /** Runs a shell command on the content of a stream. */
    void run(String command, InputStream input) throws RunnerException, InterruptedException {
        require(command, input, "root");
    }

    /** Repeats a command until it ends with 0. */
    void await(String command) throws RunnerException, InterruptedException {
        var tail = new Tail();
        while (execute(command, null, "root", tail).exitCode() != 0) {
            if (deadline.passed()) {
                throw new RunnerException(Fault.BUILD, "'" + command + "' does not succeed in the guest: " + tail);
            }
            Thread.sleep(READY_PAUSE_MILLIS + ThreadLocalRandom.current().nextInt(50));
        }
    }

    private void require(String command, @Nullable InputStream input, String user)
            throws RunnerException, InterruptedException {
        var tail = new Tail();
        int code = execute(command, input, user, tail).exitCode();
        if (code != 0) {
            throw new RunnerException(Fault.BUILD, "'" + command + "' ended with " + code + " in the guest: " + tail);
        }
    }

    private ExecOutcome execute(String command, @Nullable InputStream input, String user, Tail tail)
            throws RunnerException, InterruptedException {
        var words = new GuestCommand(List.of("/bin/sh", "-e", "-c", command), ENVIRONMENT, "/", user);
        try (GuestProcess process = session.start(words, new Stdio(input, tail, tail))) {
            return process.await(deadline)
                    .orElseThrow(() -> new RunnerException(
                            Fault.DEADLINE, "'" + command + "' did not end in the guest in time: " + tail));
        }
    }

    /** The last of what a command printed. */
    private static final class Tail implements OutputSink {
        private static final int KEPT = 600;
        private final StringBuilder text = new StringBuilder();

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
            text.append(new String(bytes, offset, length, StandardCharsets.UTF_8));
            if (text.length() > KEPT) {
                text.delete(0, text.length() - KEPT);
            }
        }

        @Override
        public synchronized String toString() {
            return text.toString().strip().replaceAll("\\s*\\n\\s*", " | ").replaceAll("\\p{Cntrl}", "");
        }
    }
}
