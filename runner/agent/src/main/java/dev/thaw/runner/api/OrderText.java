package dev.thaw.runner.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.DurationText;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.GitSource;
import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.InteractionText;
import dev.thaw.runner.job.JobFile;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.records.Submission;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the body of a submission; every key that it does not know, and every value of another type, is a problem. */
final class OrderText {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final List<String> KEYS =
            List.of("spec", "workspace", "priority", "rerun", "start_within", "stdin", "terminal", "hold");

    private OrderText() {}

    static Order parse(byte[] body, Submission.Owner owner, @Nullable String idempotencyKey) throws ProblemException {
        JsonNode root = json(body);
        try {
            return order(root, body, owner, idempotencyKey);
        } catch (IllegalArgumentException | RunnerException e) {
            throw Problem.BAD_REQUEST.with(String.valueOf(e.getMessage()));
        }
    }

    static JsonNode json(byte[] body) throws ProblemException {
        try {
            JsonNode root = JSON.readTree(body);
            if (!root.isObject()) {
                throw Problem.BAD_REQUEST.with("the body must be a JSON object");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw Problem.BAD_REQUEST.with("the body is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw Problem.BAD_REQUEST.with("the body is not JSON: " + e.getMessage());
        }
    }

    private static Order order(JsonNode root, byte[] body, Submission.Owner owner, @Nullable String key)
            throws RunnerException {
        needOnly(root, KEYS);
        JsonNode spec = root.path("spec");
        need(spec.isObject(), "'spec' must be an object, as in a job file");
        Interaction interaction = InteractionText.parse(root);
        return new Order(
                owner,
                spec(spec, interaction),
                archive(root.path("workspace")),
                git(root.path("workspace")),
                priority(root.path("priority")),
                rerun(root.path("rerun")),
                interaction,
                startWithin(root.path("start_within")),
                Optional.ofNullable(key).map(text -> new Submission.Idempotency(text, sha256(body))));
    }

    static void needOnly(JsonNode root, List<String> known) {
        root.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        "unknown key '" + name + "'; known keys: " + String.join(", ", known));
            }
        });
    }

    private static JobSpec spec(JsonNode node, Interaction interaction) throws RunnerException {
        JobSpec spec = JobFile.parse(node.toString(), "spec");
        need(!spec.steps().isEmpty() || interaction.heldAlways(), "'spec' must have steps, unless 'hold' is 'always'");
        need(!interaction.stdin() || spec.steps().size() == 1, "'stdin' is for a job of one step");
        return spec;
    }

    private static boolean archive(JsonNode node) {
        if (node.isMissingNode() || node.isObject() || node.asText().equals("none")) {
            return false;
        }
        need(
                node.isTextual() && node.asText().equals("archive"),
                "'workspace' must be 'archive', 'none' or an object with 'git'");
        return true;
    }

    private static Optional<GitSource> git(JsonNode workspace) {
        if (!workspace.isObject()) {
            return Optional.empty();
        }
        needOnly(workspace, List.of("git"));
        JsonNode git = workspace.path("git");
        need(git.isObject(), "'git' must be an object");
        needOnly(git, List.of("url", "revision", "credentials"));
        for (JsonNode value : git) {
            need(value.isTextual(), "the fields of 'git' are texts");
        }
        return Optional.of(new GitSource(
                new GitAddress(git.path("url").asText(), git.path("revision").asText("HEAD")),
                git.has("credentials") ? Optional.of(git.path("credentials").asText()) : Optional.empty()));
    }

    private static int priority(JsonNode node) {
        need(node.isMissingNode() || node.canConvertToExactIntegral(), "'priority' must be a whole number");
        int priority = node.asInt(0);
        need(
                node.asLong(0) == priority && priority >= Submission.LOWEST && priority <= Submission.HIGHEST,
                "'priority' must be " + Submission.LOWEST + " to " + Submission.HIGHEST);
        return priority;
    }

    private static boolean rerun(JsonNode node) {
        need(node.isMissingNode() || node.isBoolean(), "'rerun' must be true or false");
        return node.asBoolean(false);
    }

    private static Optional<Duration> startWithin(JsonNode node) {
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        need(node.isTextual(), "'start_within' must be a length of time, such as 20m");
        return Optional.of(DurationText.parse(node.asText()));
    }

    private static void need(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
