package dev.thaw.runner.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.Phase;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a job ended, for programs: {@code --json} and {@code --timings}. */
final class ResultWriter {
    private final @Nullable PrintStream json;
    private final Optional<Path> timings;

    ResultWriter(@Nullable PrintStream json, Optional<Path> timings) {
        this.json = json;
        this.timings = timings;
    }

    /** Says at once what would otherwise be found out when the build is over. */
    void check() throws RunnerException {
        if (timings.isEmpty()) {
            return;
        }
        Path directory = timings.get().toAbsolutePath().getParent();
        if (Files.isDirectory(timings.get()) || directory == null || !Files.isWritable(directory)) {
            throw new RunnerException(Fault.USAGE, "--timings: cannot write to " + timings.get());
        }
    }

    void write(JobResult result) throws RunnerException {
        if (timings.isPresent()) {
            try {
                Files.writeString(timings.get(), timings(result) + "\n");
            } catch (IOException e) {
                throw new RunnerException(Fault.HOST, "cannot write " + timings.get() + ": " + e.getMessage(), e);
            }
        }
        if (json != null) {
            ObjectNode root = new JsonMapper()
                    .createObjectNode()
                    .put("job", result.id().value())
                    .put("outcome", result.outcome().word())
                    .put("exit_code", result.exitCode());
            root.set("artifacts", artifacts(result.artifacts()));
            root.set("timings", timings(result));
            json.println(root);
        }
    }

    void write(JobId id, RunnerException e) {
        if (json != null) {
            ObjectNode root = new JsonMapper()
                    .createObjectNode()
                    .put("job", id.value())
                    .put("outcome", "fault")
                    .put("exit_code", ExitCode.RUNNER_FAULT.code());
            root.putObject("fault")
                    .put("kind", e.fault().label())
                    .put("message", e.getMessage())
                    .put("retryable", e.fault().retryable());
            json.println(root);
        }
    }

    private static ObjectNode artifacts(ArtifactReport report) {
        ObjectNode node = new JsonMapper().createObjectNode();
        if (report instanceof ArtifactReport.Collected collected) {
            node.put("count", collected.count()).put("bytes", collected.bytes());
        } else if (report instanceof ArtifactReport.Refused refused) {
            node.put("count", 0).put("bytes", 0);
            node.putObject("fault")
                    .put("kind", refused.fault().label())
                    .put("message", refused.reason())
                    .put("retryable", refused.fault().retryable());
        }
        report.notes().forEach(node.putArray("notes")::add);
        return node;
    }

    private static ObjectNode timings(JobResult result) {
        ObjectNode node = new JsonMapper().createObjectNode();
        for (Phase phase : Phase.values()) {
            result.timings().at(phase).ifPresent(millis -> node.put(phase.key(), millis));
        }
        return node.put("template_key", result.templateKey()).put("accelerator", result.accelerator());
    }
}
