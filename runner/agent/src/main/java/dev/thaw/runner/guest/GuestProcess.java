package dev.thaw.runner.guest;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A process in the guest. {@link #await} is for one thread at a time, the rest for any. */
public final class GuestProcess implements AutoCloseable {
    private static final Duration SENDING_LIMIT = Duration.ofSeconds(10);

    private final Yamux session;
    private final GuestStream control;
    private final List<OutputPump> outputs = new ArrayList<>();
    private final AtomicReference<@Nullable RunnerException> failure = new AtomicReference<>();
    private @Nullable InputPump input;
    private boolean started;
    private volatile @Nullable ExecOutcome outcome;

    private GuestProcess(Yamux session, GuestStream control) {
        this.session = session;
        this.control = control;
    }

    /** Sends the command and starts the pumps; does not wait for guestd's answer. */
    static GuestProcess start(Yamux session, String exec, GuestCommand command, Stdio stdio)
            throws IOException, InterruptedException, RunnerException, TimeoutException {
        byte[] line = GuestRequest.exec(exec, command);
        if (line.length > GuestRequest.LONGEST) {
            throw new RunnerException(
                    Fault.USAGE,
                    "a command and its environment can be 1 MiB together, these are " + line.length + " bytes: "
                            + command.argv().get(0));
        }
        Deadline deadline = Deadline.in(SENDING_LIMIT);
        GuestProcess process = new GuestProcess(session, session.open());
        boolean done = false;
        try {
            process.attach(exec, stdio, command.terminal() != null, deadline);
            process.control.write(line, deadline);
            process.startPumps();
            done = true;
            return process;
        } finally {
            if (!done) {
                process.close();
            }
        }
    }

    /**
     * Waits until the process has ended and all of its output is with the sinks. Empty when the deadline passes before;
     * the process goes on then, and can be waited for again.
     */
    public Optional<ExecOutcome> await(Deadline deadline) throws RunnerException, InterruptedException {
        try {
            ExecOutcome ended = awaitOutcome(deadline);
            for (OutputPump output : outputs) {
                output.await(deadline);
            }
            checkFailure();
            return Optional.of(ended);
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (IOException e) {
            checkFailure();
            throw Requests.lost(session, e);
        }
    }

    /**
     * Waits until the process runs, has failed to start, or has ended already. False when the deadline passes before.
     */
    public boolean awaitStarted(Deadline deadline) throws RunnerException, InterruptedException {
        try {
            if (!started && outcome == null) {
                outcome = nextAnswer(deadline);
            }
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (IOException e) {
            checkFailure();
            throw Requests.lost(session, e);
        }
    }

    /** Sends a signal, 1 to 64, to the process's group; nothing happens if it has ended. */
    public void signal(int signal) throws InterruptedException {
        if (signal < 1 || signal > 64) {
            throw new IllegalArgumentException("a signal is a number from 1 to 64, got: " + signal);
        }
        tell(GuestRequest.signal(signal));
    }

    /** Gives its terminal another size; only for a command that has one. Nothing happens if it has ended. */
    public void resize(TerminalSize size) throws InterruptedException {
        tell(GuestRequest.resize(size));
    }

    private void tell(byte[] line) throws InterruptedException {
        try {
            control.write(line, Deadline.in(SENDING_LIMIT));
        } catch (IOException | TimeoutException e) {
            // The process is gone, or the guest is; await() tells which.
            return;
        }
    }

    /**
     * Kills the process's group unless it has ended, and drops the output that no sink has yet. Never throws or waits,
     * idempotent; a sink that is being called finishes that call.
     */
    @Override
    public void close() {
        if (outcome == null) {
            control.reset();
        } else {
            // No reset here: what the process left behind in its group is not to be killed.
            control.finish();
        }
        closeInput();
        outputs.forEach(OutputPump::close);
    }

    private void attach(String exec, Stdio stdio, boolean terminal, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        if (stdio.stdin() != null) {
            input = new InputPump(stdio.stdin(), stdioStream(exec, 0, deadline), this::fail);
        }
        // A terminal whose output nobody takes would be no terminal: guestd wants that one in any case.
        if (terminal || stdio.stdout() != OutputSink.DISCARD) {
            attachOutput(exec, 1, "stdout", stdio.stdout(), deadline);
        }
        if (!terminal && stdio.stderr() != OutputSink.DISCARD) {
            attachOutput(exec, 2, "stderr", stdio.stderr(), deadline);
        }
    }

    private void attachOutput(String exec, int descriptor, String name, OutputSink sink, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        outputs.add(new OutputPump(name, stdioStream(exec, descriptor, deadline), sink, this::fail));
    }

    private void startPumps() {
        outputs.forEach(OutputPump::start);
        InputPump pump = input;
        if (pump != null) {
            pump.start();
        }
    }

    private GuestStream stdioStream(String exec, int descriptor, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        GuestStream stream = session.open();
        stream.write(GuestRequest.stdio(exec, descriptor), deadline);
        return stream;
    }

    private ExecOutcome awaitOutcome(Deadline deadline)
            throws IOException, RunnerException, InterruptedException, TimeoutException {
        ExecOutcome ended = outcome;
        while (ended == null) {
            ended = nextAnswer(deadline);
        }
        outcome = ended;
        control.finish();
        closeInput();
        return ended;
    }

    private @Nullable ExecOutcome nextAnswer(Deadline deadline)
            throws IOException, RunnerException, InterruptedException, TimeoutException {
        byte[] line = control.readLine(deadline);
        if (line == null) {
            throw GuestLostException.breach("a process without an outcome");
        }
        return outcomeIn(GuestAnswer.parse(line));
    }

    private @Nullable ExecOutcome outcomeIn(GuestAnswer answer) throws GuestLostException, RunnerException {
        if (started) {
            return answer.has("exited")
                    ? new ExecOutcome.Exited((int) answer.checkOnly("exited").number("exited", 0, 255))
                    : new ExecOutcome.Signaled(
                            (int) answer.checkOnly("signaled").number("signaled", 1, 64));
        }
        if (answer.has("error")) {
            String why = answer.checkOnly("error").text("error");
            fail(new RunnerException(Fault.GUEST_LOST, "guestd refused to start a process: " + why));
            checkFailure();
        }
        if (answer.has("failed")) {
            return failed(answer.checkOnly("failed", "message"));
        }
        answer.checkOnly("started").number("started", 1, Integer.MAX_VALUE);
        started = true;
        return null;
    }

    private static ExecOutcome failed(GuestAnswer answer) throws GuestLostException {
        String reason = answer.text("failed");
        return switch (reason) {
            case "not-found", "not-executable", "bad-cwd", "bad-user", "resources" ->
                new ExecOutcome.Failed(reason, answer.text("message"));
            default -> throw answer.wrongShape();
        };
    }

    /** Without its output or input a process is of no use: it is killed, and await() says why. */
    private void fail(RunnerException why) {
        failure.compareAndSet(null, why);
        if (outcome == null) {
            control.reset();
        }
    }

    private void checkFailure() throws RunnerException {
        RunnerException why = failure.get();
        if (why != null) {
            throw new RunnerException(why.fault(), String.valueOf(why.getMessage()), why);
        }
    }

    private void closeInput() {
        InputPump pump = input;
        if (pump != null) {
            pump.close();
        }
    }
}
