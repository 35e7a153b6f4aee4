package dev.thaw.runner.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEndingText;
import dev.thaw.runner.job.JobFile;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.JobState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A job as an agent tells of it.
 *
 * @param client the name of the token it belongs to
 * @param holds whether its guest is, or will be, held for more steps
 * @param spec what was asked for
 * @param git the revision that was its workspace; empty if none was
 * @param archive whether its workspace was sent
 */
public record AgentJob(
        JobId id,
        JobState state,
        String client,
        Instant submitted,
        Optional<Instant> started,
        Optional<Instant> ended,
        Optional<JobEnding> ending,
        boolean holds,
        JobSpec spec,
        Optional<GitAddress> git,
        boolean archive) {
    /** Reads one; throws {@link IllegalArgumentException} if it is none. */
    static AgentJob parse(JsonNode node) {
        return new AgentJob(
                new JobId(node.path("id").asText()),
                JobState.parse(node.path("state").asText()),
                node.path("client").asText(),
                Instant.parse(node.path("submitted").asText()),
                instant(node, "started"),
                instant(node, "ended"),
                node.has("ending") ? Optional.of(JobEndingText.parse(node.path("ending"))) : Optional.empty(),
                node.has("hold"),
                spec(node.path("spec")),
                git(node.path("workspace").path("git")),
                node.path("workspace").asText().equals("archive"));
    }

    /** What it runs first, in one line for a person; empty if that is not known yet. */
    public String first() {
        if (spec.steps().isEmpty()) {
            return "";
        }
        List<String> argv = spec.steps().get(0).argv();
        boolean script = argv.size() == 4 && argv.get(2).equals("-c");
        return (script ? argv.get(3) : String.join(" ", argv))
                .strip()
                .lines()
                .findFirst()
                .orElse("");
    }

    private static JobSpec spec(JsonNode node) {
        try {
            return JobFile.parse(node.toString(), "the spec of a job");
        } catch (RunnerException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static Optional<GitAddress> git(JsonNode node) {
        return node.isObject()
                ? Optional.of(new GitAddress(
                        node.path("url").asText(), node.path("revision").asText()))
                : Optional.empty();
    }

    private static Optional<Instant> instant(JsonNode node, String field) {
        return node.has(field) ? Optional.of(Instant.parse(node.path(field).asText())) : Optional.empty();
    }
}
