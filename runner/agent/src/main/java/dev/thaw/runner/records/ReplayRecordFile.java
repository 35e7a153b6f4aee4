package dev.thaw.runner.records;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.JobFile;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.WorkspaceOrigin;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Optional;

/** A record as text: one JSON object, whose {@code spec} is the job's file. See docs/replay.md. */
final class ReplayRecordFile {
    private static final int FORMAT = 1;
    private static final JsonMapper JSON = new JsonMapper();

    private ReplayRecordFile() {}

    static String format(ReplayRecord record) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", FORMAT).put("job", record.id().value());
        root.put("started", record.started().toString());
        root.set("spec", JSON.readTree(JobFile.format(record.spec())));
        ObjectNode workspace = root.putObject("workspace");
        put(workspace, record.workspace());
        record.workspaceSha256().ifPresent(digest -> workspace.put("sha256", digest));
        Machine machine = record.machine();
        ObjectNode template = root.putObject("template");
        template.put("key", machine.templateKey()).put("accelerator", machine.accelerator());
        template.put("cpus", machine.cpus()).put("memory", machine.memoryBytes());
        machine.inputs().forEach(template.putObject("inputs")::put);
        // Guests are offline and hold no secrets in this version; a record says so, and not by leaving it out.
        root.putObject("policy").putArray("allow");
        root.putArray("secrets");
        record.ending()
                .ifPresent(ending -> root.putObject("ending")
                        .put("outcome", ending.outcome())
                        .put("exit_code", ending.exitCode()));
        return root.toPrettyString() + "\n";
    }

    private static void put(ObjectNode workspace, WorkspaceOrigin origin) {
        if (origin instanceof WorkspaceOrigin.Directory directory) {
            workspace.put("directory", directory.path().toString());
        } else if (origin instanceof WorkspaceOrigin.GitCommit git) {
            workspace
                    .put("git", git.address().url())
                    .put("revision", git.address().revision());
            workspace.put("commit", git.commit());
        } else {
            throw new AssertionError(origin);
        }
    }

    private static WorkspaceOrigin origin(JsonNode workspace) {
        return workspace.has("git")
                ? new WorkspaceOrigin.GitCommit(
                        new GitAddress(text(workspace, "git"), text(workspace, "revision")), text(workspace, "commit"))
                : new WorkspaceOrigin.Directory(Path.of(text(workspace, "directory")));
    }

    static ReplayRecord parse(String text, String name) throws RunnerException {
        try {
            JsonNode root = JSON.readTree(text);
            if (root.path("format").asInt() != FORMAT) {
                throw new IllegalArgumentException("its format is not " + FORMAT);
            }
            return record(root, name);
        } catch (IOException | RuntimeException e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new RunnerException(Fault.USAGE, name + " is not a replay record: " + why, e);
        }
    }

    private static ReplayRecord record(JsonNode root, String name) throws RunnerException {
        JsonNode template = need(root, "template");
        var inputs = new LinkedHashMap<String, String>();
        need(template, "inputs")
                .properties()
                .forEach(input -> inputs.put(input.getKey(), input.getValue().asText()));
        JsonNode workspace = need(root, "workspace");
        return new ReplayRecord(
                new JobId(text(root, "job")),
                Instant.parse(text(root, "started")),
                JobFile.parse(need(root, "spec").toString(), "the spec in " + name),
                origin(workspace),
                new Machine(
                        text(template, "key"),
                        text(template, "accelerator"),
                        need(template, "cpus").asInt(),
                        need(template, "memory").asLong(),
                        inputs),
                optional(workspace, "sha256"),
                Optional.ofNullable(root.get("ending"))
                        .map(ending -> new ReplayRecord.Ending(
                                text(ending, "outcome"),
                                need(ending, "exit_code").asInt())));
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = need(node, field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException(field + " is not text");
        }
        return value.asText();
    }

    private static Optional<String> optional(JsonNode node, String field) {
        return node.has(field) ? Optional.of(text(node, field)) : Optional.empty();
    }

    private static JsonNode need(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || value.isNull()) {
            throw new IllegalArgumentException("it has no " + field);
        }
        return value;
    }
}
