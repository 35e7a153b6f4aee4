package dev.thaw.runner.container;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The size of the terminal that a command has in a container. */
final class ExecWindow {
    /** What a command may take between its answer and its process; before that Docker refuses to resize it. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final long PAUSE_MILLIS = 100;

    private final DockerEngine engine;
    private final String exec;

    ExecWindow(DockerEngine engine, String exec) {
        this.engine = engine;
        this.exec = exec;
    }

    /** Makes it this size; a command that has ended keeps what it had. */
    void resize(TerminalSize size) {
        Deadline deadline = Deadline.in(LIMIT);
        String path = "/exec/" + exec + "/resize?h=" + size.rows() + "&w=" + size.columns();
        try {
            while (!engine.post(path, null, deadline, DockerAnswer::done) && !deadline.passed()) {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (RunnerException e) {
            // The size is a courtesy: whether the command went on is for its conversation to say.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
