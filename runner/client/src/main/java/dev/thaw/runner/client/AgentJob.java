package dev.thaw.runner.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEndingText;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import java.time.Instant;
import java.util.Optional;

/**
 * A job as an agent tells of it.
 *
 * @param client the name of the token it belongs to
 * @param holds whether its guest is, or will be, held for more steps
 * @param first what it runs first, for a person
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
        String first) {
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
                first(node.path("spec").path("steps").path(0)));
    }

    private static Optional<Instant> instant(JsonNode node, String field) {
        return node.has(field) ? Optional.of(Instant.parse(node.path(field).asText())) : Optional.empty();
    }

    private static String first(JsonNode step) {
        if (step.has("run")) {
            return step.path("run").asText().strip().lines().findFirst().orElse("");
        }
        var words = new StringBuilder();
        step.path("command")
                .forEach(word -> words.append(words.isEmpty() ? "" : " ").append(word.asText()));
        return words.toString();
    }
}
