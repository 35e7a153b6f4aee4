package dev.thaw.runner.container;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.job.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The start of a container whose image's entrypoint runs first: it ends when the entrypoint has run its arguments. */
final class EntrypointRun {
    private final DockerEngine engine;
    private final String id;
    private final ContainerPlan plan;

    EntrypointRun(DockerEngine engine, String id, ContainerPlan plan) {
        this.engine = engine;
        this.id = id;
        this.plan = plan;
    }

    /** Thrown through the copying of output, to end it: the container goes on. */
    private static final class Running extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Starts the container and returns when it runs; what the entrypoint prints on either output goes to the sink. */
    void follow(OutputSink output, Deadline deadline) throws RunnerException, InterruptedException {
        boolean runs = engine.converse(deadline, connection -> {
            String path = "/containers/" + id + "/attach?stream=1&stdout=1&stderr=1";
            DockerAnswer answer = DockerEngine.ask(connection, "POST", path, null);
            if (!answer.done()) {
                throw new RunnerException(
                        Fault.CONTAINER, "Docker does not show the container's output: " + answer.refusal());
            }
            // Attached first, so that not a line is lost.
            JobContainer.begin(engine, id, plan, deadline);
            return runs(answer, output);
        });
        if (!runs) {
            throw new RunnerException(
                    Fault.CONTAINER,
                    "the entrypoint of image " + plan.spec().image()
                            + " ended without running its arguments; leave it out with: entrypoint: none");
        }
    }

    private static boolean runs(DockerAnswer answer, OutputSink output) throws IOException, RunnerException {
        var lines = new Lines(output);
        try {
            var end = new MultiplexedOutput(answer.body(), lines, output).deliver();
            lines.write(end, 0, end.length);
        } catch (RunnerException e) {
            if (e.getCause() instanceof Running) {
                return true;
            }
            throw e;
        }
        lines.flush();
        return false;
    }

    /** Passes on line by line, up to the one that says that the container runs. */
    private record Lines(OutputSink output, ByteArrayOutputStream line) implements OutputSink {
        private static final int LONGEST = 64 << 10;

        Lines(OutputSink output) {
            this(output, new ByteArrayOutputStream());
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int i = offset; i < offset + length; i++) {
                line.write(bytes[i]);
                if (bytes[i] == '\n' || line.size() == LONGEST) {
                    if (line.toString(StandardCharsets.UTF_8).equals(ContainerPlan.RUNNING + "\n")) {
                        throw new Running();
                    }
                    flush();
                }
            }
        }

        void flush() throws IOException {
            output.write(line.toByteArray(), 0, line.size());
            line.reset();
        }
    }
}
