package dev.thaw.runner.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.InteractionText;
import dev.thaw.runner.job.Step;
import java.util.ArrayList;
import java.util.List;

/** Reads the body of a request for a step: the fields of a step in a job file, and how somebody takes part in it. */
final class StepOrderText {
    private static final List<String> KEYS = List.of("name", "run", "command", "stdin", "terminal");
    private static final String NAME = "on demand";

    private StepOrderText() {}

    static StepOrder parse(byte[] body) throws ProblemException {
        JsonNode root = OrderText.json(body);
        try {
            OrderText.needOnly(root, KEYS);
            Interaction interaction = InteractionText.parse(root);
            return new StepOrder(step(root), interaction);
        } catch (IllegalArgumentException e) {
            throw Problem.BAD_REQUEST.with(String.valueOf(e.getMessage()));
        }
    }

    private static Step step(JsonNode root) {
        String name = text(root.path("name"), "name", NAME);
        if (root.has("run") == root.has("command")) {
            throw new IllegalArgumentException("a step has either 'run' or 'command'");
        }
        if (root.has("run")) {
            return Step.script(name, text(root.path("run"), "run", ""));
        }
        var words = new ArrayList<String>();
        for (JsonNode word : root.path("command")) {
            words.add(text(word, "command", ""));
        }
        return new Step(name, words);
    }

    private static String text(JsonNode node, String field, String absent) {
        if (!node.isMissingNode() && !node.isTextual()) {
            throw new IllegalArgumentException("'" + field + "' must be text");
        }
        return node.asText(absent);
    }
}
