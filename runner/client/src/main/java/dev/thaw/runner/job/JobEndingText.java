package dev.thaw.runner.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Optional;

/** An ending as JSON: the shape of {@code runner exec --json}, of an agent's records and of its API. */
public final class JobEndingText {
    private static final JsonMapper JSON = new JsonMapper();

    private JobEndingText() {}

    /** The ending as an object that {@link #parse} reads back. */
    public static ObjectNode of(JobEnding ending) {
        ObjectNode root = JSON.createObjectNode();
        root.put("outcome", ending.outcome()).put("exit_code", ending.exitCode());
        ending.fault().ifPresent(fault -> root.set("fault", of(fault)));
        root.set("artifacts", of(ending.artifacts()));
        ObjectNode timings = of(ending.timings());
        ending.machine()
                .ifPresent(machine ->
                        timings.put("template_key", machine.templateKey()).put("accelerator", machine.accelerator()));
        root.set("timings", timings);
        ending.workspaceSha256().ifPresent(digest -> root.put("workspace_sha256", digest));
        return root;
    }

    /** The reports of files that came back or did not. */
    public static ObjectNode of(ArtifactReport report) {
        ObjectNode node = JSON.createObjectNode();
        if (report instanceof ArtifactReport.Collected collected) {
            node.put("count", collected.count()).put("bytes", collected.bytes());
        } else if (report instanceof ArtifactReport.Refused refused) {
            node.put("count", 0).put("bytes", 0);
            node.set("fault", of(new FaultReport(refused.fault(), refused.reason())));
        }
        report.notes().forEach(node.putArray("notes")::add);
        return node;
    }

    /** A fault: its kind, its line, whether trying again makes sense. */
    public static ObjectNode of(FaultReport report) {
        return JSON.createObjectNode()
                .put("kind", report.fault().label())
                .put("message", report.message())
                .put("retryable", report.fault().retryable());
    }

    /** Milliseconds since the claim, by phase. */
    public static ObjectNode of(Timings timings) {
        ObjectNode node = JSON.createObjectNode();
        for (Phase phase : Phase.values()) {
            timings.at(phase).ifPresent(millis -> node.put(phase.key(), millis));
        }
        return node;
    }

    /** Reads an ending; throws {@link IllegalArgumentException} if it is none. */
    public static JobEnding parse(JsonNode root) {
        JsonNode timings = root.path("timings");
        return new JobEnding(
                text(root, "outcome"),
                root.path("exit_code").asInt(),
                root.has("fault") ? Optional.of(fault(root.path("fault"))) : Optional.empty(),
                artifacts(root.path("artifacts")),
                timings(timings),
                timings.has("template_key")
                        ? Optional.of(new JobEnding.RanOn(text(timings, "template_key"), text(timings, "accelerator")))
                        : Optional.empty(),
                root.has("workspace_sha256") ? Optional.of(text(root, "workspace_sha256")) : Optional.empty());
    }

    private static FaultReport fault(JsonNode node) {
        return new FaultReport(FaultReport.fault(text(node, "kind")), text(node, "message"));
    }

    private static ArtifactReport artifacts(JsonNode node) {
        List<String> notes = new ArrayList<>();
        node.path("notes").forEach(note -> notes.add(note.asText()));
        if (node.has("fault")) {
            FaultReport fault = fault(node.path("fault"));
            return new ArtifactReport.Refused(fault.fault(), fault.message(), notes);
        }
        return new ArtifactReport.Collected(
                node.path("count").asLong(), node.path("bytes").asLong(), notes);
    }

    private static Timings timings(JsonNode node) {
        var millis = new EnumMap<Phase, Double>(Phase.class);
        for (Phase phase : Phase.values()) {
            if (node.has(phase.key())) {
                millis.put(phase, node.path(phase.key()).asDouble());
            }
        }
        return new Timings(millis);
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("an ending without " + field + ": " + node);
        }
        return value.asText();
    }
}
