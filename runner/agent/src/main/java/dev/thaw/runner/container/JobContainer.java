package dev.thaw.runner.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.ImageEntrypoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A running container that a job's steps are started in, one after the other. It ends with its guest. */
public final class JobContainer {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final DockerEngine engine;
    private final String id;

    private JobContainer(DockerEngine engine, String id) {
        this.engine = engine;
        this.id = id;
    }

    /** Provides the image, makes the container and starts it; what an entrypoint prints goes to {@code stdio}'s errors. */
    public static JobContainer start(GuestSession guest, ContainerPlan plan, Stdio stdio, Deadline deadline)
            throws RunnerException, InterruptedException {
        return start(new DockerEngine(DockerConnection.in(guest)), plan, stdio, deadline);
    }

    static JobContainer start(DockerEngine engine, ContainerPlan plan, Stdio stdio, Deadline deadline)
            throws RunnerException, InterruptedException {
        new ContainerImages(engine).provide(plan.spec().image(), plan.spec().pull(), deadline);
        String id = created(engine, plan, deadline);
        var container = new JobContainer(engine, id);
        if (plan.spec().entrypoint() == ImageEntrypoint.IMAGE) {
            new EntrypointRun(engine, id, plan).follow(stdio.stderr(), deadline);
        } else {
            begin(engine, id, plan, deadline);
        }
        return container;
    }

    /**
     * Runs a command to its end and returns its exit code. 126 and 127 also stand for a command that cannot be invoked
     * or does not exist; what Docker says about it is on standard error then. All else that Docker refuses is a fault.
     */
    public int run(ContainerCommand command, Stdio stdio, Runnable started, Deadline deadline)
            throws RunnerException, InterruptedException {
        String step = command.step();
        Terminal terminal = command.terminal();
        TerminalSize size = terminal == null ? null : terminal.size();
        String exec = exec(command, command.json(stdio.stdin() != null, size), deadline);
        byte[] complaint;
        if (terminal == null || size == null) {
            complaint = engine.converse(
                    deadline, connection -> follow(new Talk(connection, exec, step, false), stdio, started));
        } else {
            var window = new ExecWindow(engine, exec);
            complaint = engine.converse(deadline, connection -> {
                try (Terminal.Following sizes = terminal.follow(size, window::resize)) {
                    return follow(new Talk(connection, exec, step, true), stdio, started);
                }
            });
        }
        JsonNode end = ended(exec, step, deadline);
        int code = end.path("ExitCode").asInt(-1);
        if (code < 0 || code > 255) {
            throw new RunnerException(Fault.CONTAINER, "Docker does not say how step " + step + " ended");
        }
        // A process that never was has no number.
        return end.path("Pid").asLong(0) == 0
                ? notStarted(step, complaint, code, stdio)
                : delivered(complaint, stdio, code);
    }

    private static String created(DockerEngine engine, ContainerPlan plan, Deadline deadline)
            throws RunnerException, InterruptedException {
        return engine.post("/containers/create", plan.json(), deadline, answer -> {
            if (!answer.done()) {
                throw new RunnerException(
                        Fault.CONTAINER,
                        "Docker makes no container of image " + plan.spec().image() + ": " + answer.refusal());
            }
            return identifier(answer.json());
        });
    }

    static void begin(DockerEngine engine, String id, ContainerPlan plan, Deadline deadline)
            throws RunnerException, InterruptedException {
        engine.post("/containers/" + id + "/start", null, deadline, answer -> {
            if (!answer.done()) {
                throw new RunnerException(
                        Fault.CONTAINER,
                        "the container of image " + plan.spec().image()
                                + " does not start; it needs /bin/sh, and its user must exist. Docker says: "
                                + answer.refusal());
            }
            return "";
        });
    }

    /** Docker's name for something: it goes into the path of later requests, so nothing else is taken for one. */
    private static String identifier(JsonNode answer) throws IOException {
        String id = answer.path("Id").asText();
        if (!id.matches("[0-9a-f]{64}")) {
            throw new IOException("an answer without an Id");
        }
        return id;
    }

    private String exec(ContainerCommand command, ObjectNode body, Deadline deadline)
            throws RunnerException, InterruptedException {
        return engine.post("/containers/" + id + "/exec", body, deadline, answer -> {
            if (!answer.done()) {
                throw new RunnerException(
                        Fault.CONTAINER,
                        "step " + command.step() + " cannot be started in its container: " + answer.refusal());
            }
            return identifier(answer.json());
        });
    }

    /** A conversation about a command that was made and not yet started. */
    private record Talk(DockerConnection connection, String exec, String step, boolean terminal) {}

    private static byte[] follow(Talk talk, Stdio stdio, Runnable started) throws IOException, RunnerException {
        DockerConnection connection = talk.connection();
        ObjectNode body = JSON.objectNode().put("Detach", false).put("Tty", talk.terminal());
        DockerAnswer answer = DockerEngine.ask(connection, "POST", "/exec/" + talk.exec() + "/start", body);
        if (!answer.done()) {
            throw new RunnerException(
                    Fault.CONTAINER,
                    "step " + talk.step() + " cannot be started in its container: " + answer.refusal());
        }
        started.run();
        // Not before the answer: dockerd loses what comes with the request.
        var broken = new AtomicReference<@Nullable RunnerException>();
        InputStream stdin = stdio.stdin();
        if (stdin != null) {
            pump(stdin, connection, broken);
        }
        try {
            return talk.terminal()
                    ? new TerminalOutput(answer.body(), stdio.stdout()).deliver()
                    : new MultiplexedOutput(answer.body(), stdio.stdout(), stdio.stderr()).deliver();
        } catch (IOException e) {
            RunnerException why = broken.get();
            if (why != null) {
                throw why;
            }
            throw e;
        }
    }

    /** On a thread that may be left behind: a read of a terminal cannot be interrupted. */
    private static void pump(
            InputStream stdin, DockerConnection connection, AtomicReference<@Nullable RunnerException> broken) {
        var thread = new Thread(
                () -> {
                    byte[] chunk = new byte[64 << 10];
                    try {
                        for (int length = stdin.read(chunk); length >= 0; length = stdin.read(chunk)) {
                            send(connection, chunk, length);
                        }
                        connection.finish();
                    } catch (IOException e) {
                        // Not the end of the input: half an input must not look like a whole one.
                        broken.set(new RunnerException(
                                Fault.HOST, "the standard input of the step cannot be read: " + e.getMessage(), e));
                        connection.close();
                    }
                },
                "docker-stdin");
        thread.setDaemon(true);
        thread.start();
    }

    private static void send(DockerConnection connection, byte[] chunk, int length) {
        try {
            connection.output().write(chunk, 0, length);
        } catch (IOException e) {
            // The step has closed its standard input, or has ended. That is its right; the rest is read and dropped.
            return;
        }
    }

    /** Output can end before the process does, if it closes its own. */
    private JsonNode ended(String exec, String step, Deadline deadline) throws RunnerException, InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            JsonNode state = engine.get("/exec/" + exec + "/json", deadline, answer -> {
                if (!answer.done()) {
                    throw new RunnerException(
                            Fault.CONTAINER,
                            "the container of step " + step + " is gone: " + answer.refusal()
                                    + "; did the step remove it?");
                }
                return answer.json();
            });
            if (!state.path("Running").asBoolean(true)) {
                return state;
            }
            if (deadline.passed()) {
                throw new RunnerException(Fault.DEADLINE, "step " + step + " did not end in time");
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(pause.toNanos(), deadline.leftNanos()));
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private static int notStarted(String step, byte[] complaint, int code, Stdio stdio) throws RunnerException {
        String why = DockerAnswer.printable(new String(complaint, StandardCharsets.UTF_8));
        boolean cannotInvoke = code == ExitCode.NOT_INVOCABLE.code() || code == ExitCode.NOT_FOUND.code();
        if (!cannotInvoke || complaint.length == 0) {
            throw new RunnerException(Fault.CONTAINER, "step " + step + " was not started in its container: " + why);
        }
        deliver((why + "\n").getBytes(StandardCharsets.UTF_8), stdio.stderr());
        return missing(why) ? ExitCode.NOT_FOUND.code() : ExitCode.NOT_INVOCABLE.code();
    }

    /** Docker tells the two apart by the words of runc; the guest's runtime, crun, has its own. */
    private static boolean missing(String why) {
        String words = why.toLowerCase(Locale.ROOT);
        return words.contains("not found in $path") || words.contains("no such file or directory");
    }

    private static int delivered(byte[] held, Stdio stdio, int code) throws RunnerException {
        deliver(held, stdio.stdout());
        return code;
    }

    private static void deliver(byte[] bytes, OutputSink sink) throws RunnerException {
        if (bytes.length == 0) {
            return;
        }
        try {
            sink.write(bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "output of a step cannot be delivered: " + e.getMessage(), e);
        }
    }
}
