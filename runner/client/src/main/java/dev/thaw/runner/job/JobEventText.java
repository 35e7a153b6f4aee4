package dev.thaw.runner.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An event as one line of JSON: what an agent writes down, and what it sends. */
public final class JobEventText {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String AT = "at";

    private JobEventText() {}

    /** The event without a line break. */
    public static String of(JobEvent event) {
        ObjectNode node = JSON.createObjectNode().put("type", event.word());
        if (event instanceof JobEvent.Moved moved) {
            node.put("state", moved.state().word()).put("attempt", moved.attempt());
            node.put(AT, moved.at().toString());
        } else if (event instanceof JobEvent.Fetched fetched) {
            node.put("commit", fetched.commit());
            fetched.notes().forEach(node.putArray("notes")::add);
        } else if (event instanceof JobEvent.Reached reached) {
            node.put("phase", reached.phase().key()).put("ms", Math.round(reached.millis() * 10) / 10.0);
        } else if (event instanceof JobEvent.Log log) {
            node.put("stream", log.stream().name().toLowerCase(Locale.ROOT)).put("data", log.bytes());
        } else if (event instanceof JobEvent.Truncated truncated) {
            node.put("limit", truncated.limit());
        } else if (event instanceof JobEvent.Held held) {
            node.put("until", held.until().toString());
            held.exitCode().ifPresent(code -> node.put("exit_code", code));
        } else if (event instanceof JobEvent.StepBegan began) {
            node.put("step", began.step()).put("name", began.name());
        } else if (event instanceof JobEvent.StepEnded ended) {
            node.put("step", ended.step()).put("exit_code", ended.exitCode());
        } else if (event instanceof JobEvent.Ended ended) {
            node.put(AT, ended.at().toString());
            node.set("ending", JobEndingText.of(ended.ending()));
        } else {
            throw new AssertionError(event);
        }
        return node.toString();
    }

    /**
     * Reads one event; empty for a kind that this version does not know.
     *
     * @throws IllegalArgumentException if it is no event at all
     */
    public static Optional<JobEvent> parse(String line) {
        try {
            return Optional.ofNullable(parse(JSON.readTree(line)));
        } catch (IOException | DateTimeException e) {
            throw new IllegalArgumentException("not an event of a job: " + e.getMessage(), e);
        }
    }

    private static @Nullable JobEvent parse(JsonNode node) throws IOException {
        return switch (node.path("type").asText()) {
            case "state" ->
                new JobEvent.Moved(
                        JobState.parse(node.path("state").asText()),
                        node.path("attempt").asInt(),
                        instant(node));
            case "phase" ->
                new JobEvent.Reached(
                        phase(node.path("phase").asText()), node.path("ms").asDouble());
            case "fetched" -> fetched(node);
            case "log" -> log(node);
            case "truncated" -> new JobEvent.Truncated(node.path("limit").asLong());
            case "held" ->
                new JobEvent.Held(
                        Instant.parse(node.path("until").asText()),
                        node.has("exit_code")
                                ? Optional.of(node.path("exit_code").asInt())
                                : Optional.empty());
            case "step" ->
                node.has("exit_code")
                        ? new JobEvent.StepEnded(
                                node.path("step").asInt(),
                                node.path("exit_code").asInt())
                        : new JobEvent.StepBegan(
                                node.path("step").asInt(), node.path("name").asText());
            case "ended" -> new JobEvent.Ended(JobEndingText.parse(node.path("ending")), instant(node));
            case "" -> throw new IllegalArgumentException("not an event of a job: " + node);
            default -> null;
        };
    }

    private static JobEvent fetched(JsonNode node) {
        var notes = new ArrayList<String>();
        node.path("notes").forEach(note -> notes.add(note.asText()));
        return new JobEvent.Fetched(node.path("commit").asText(), notes);
    }

    private static JobEvent log(JsonNode node) throws IOException {
        byte[] data = node.path("data").binaryValue();
        if (data == null) {
            throw new IllegalArgumentException("an event of a log without data");
        }
        return new JobEvent.Log(stream(node.path("stream").asText()), ByteBuffer.wrap(data));
    }

    private static Instant instant(JsonNode node) {
        return Instant.parse(node.path(AT).asText());
    }

    private static Phase phase(String key) {
        return Arrays.stream(Phase.values())
                .filter(phase -> phase.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no phase is called " + key));
    }

    private static JobEvent.Stream stream(String word) {
        return JobEvent.Stream.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
