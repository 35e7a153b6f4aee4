package dev.thaw.runner.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An interaction as the fields {@code stdin}, {@code terminal} and {@code hold} of a JSON object. */
public final class InteractionText {
    /** The fields, of which none need be there. */
    public static final List<String> FIELDS = List.of("stdin", "terminal", "hold");

    private InteractionText() {}

    /** Puts those fields into an object that say something. */
    public static void put(Interaction interaction, ObjectNode node) {
        if (interaction.stdin()) {
            node.put("stdin", true);
        }
        interaction
                .terminal()
                .ifPresent(window -> node.putObject("terminal")
                        .put("type", window.type())
                        .put("rows", window.rows())
                        .put("cols", window.columns()));
        interaction
                .hold()
                .ifPresent(hold -> node.putObject("hold")
                        .put("when", hold.when().word())
                        .put("idle", hold.idle().toSeconds() + "s"));
    }

    /** Reads the fields of an object that may have others, too; {@link IllegalArgumentException} says what is wrong. */
    public static Interaction parse(JsonNode node) {
        JsonNode stdin = node.path("stdin");
        need(stdin.isMissingNode() || stdin.isBoolean(), "'stdin' must be true or false");
        return new Interaction(stdin.asBoolean(false), window(node.path("terminal")), hold(node.path("hold")));
    }

    private static Optional<Interaction.Window> window(JsonNode node) {
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        needOnly(node, "terminal", List.of("type", "rows", "cols"));
        return Optional.of(new Interaction.Window(text(node, "type", "xterm"), size(node, "rows"), size(node, "cols")));
    }

    private static Optional<Interaction.Hold> hold(JsonNode node) {
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        needOnly(node, "hold", List.of("when", "idle"));
        String when = text(node, "when", "");
        for (Interaction.When known : Interaction.When.values()) {
            if (known.word().equals(when)) {
                return Optional.of(new Interaction.Hold(known, DurationText.parse(text(node, "idle", "10m"))));
            }
        }
        throw new IllegalArgumentException("'when' of 'hold' must be failed or always, got: " + when);
    }

    private static void needOnly(JsonNode node, String name, List<String> known) {
        need(node.isObject(), "'" + name + "' must be an object");
        var fields = new ArrayList<String>();
        node.fieldNames().forEachRemaining(fields::add);
        fields.removeAll(known);
        need(fields.isEmpty(), "unknown field of '" + name + "': " + String.join(", ", fields));
    }

    private static String text(JsonNode node, String field, String absent) {
        JsonNode value = node.path(field);
        need(value.isMissingNode() || value.isTextual(), "'" + field + "' must be text");
        return value.asText(absent);
    }

    private static int size(JsonNode node, String field) {
        JsonNode value = node.path(field);
        need(
                value.isMissingNode() || (value.isIntegralNumber() && value.canConvertToInt()),
                "'" + field + "' must be a number");
        return value.asInt(0);
    }

    private static void need(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
