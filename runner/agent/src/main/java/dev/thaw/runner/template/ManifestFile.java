package dev.thaw.runner.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code manifest.json} of images and templates, both ways. */
final class ManifestFile {
    static final String NAME = "manifest.json";
    private static final int FORMAT = 1;
    private static final JsonMapper JSON = new JsonMapper();

    private ManifestFile() {}

    static void write(Template template, Path directory) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", FORMAT)
                .put("key", template.key())
                .put("name", template.name())
                .put("cpus", template.size().cpus())
                .put("memory", template.size().memory().bytes())
                .put("created", template.created().toString())
                .put("nonce_sha256", template.nonceSha256())
                .put("disk", template.diskBytes())
                .put("cold_boot_ms", template.coldBootMillis());
        ObjectNode inputs = root.putObject("inputs");
        template.inputs().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> inputs.put(entry.getKey(), entry.getValue()));
        template.machine().forEach(root.putArray("machine")::add);
        ObjectNode files = root.putObject("files");
        template.files()
                .forEach((name, stamp) -> files.putObject(name)
                        .put("size", stamp.size())
                        .put("inode", stamp.inode())
                        .put("changed", stamp.changed().toString())
                        .put("sha256", stamp.sha256()));
        Files.writeString(directory.resolve(NAME), root.toPrettyString() + "\n");
    }

    static Template readTemplate(Path directory) throws RunnerException {
        JsonNode root = read(directory);
        try {
            var inputs = new LinkedHashMap<String, String>();
            need(root, "inputs")
                    .properties()
                    .forEach(
                            entry -> inputs.put(entry.getKey(), entry.getValue().asText()));
            var files = new LinkedHashMap<String, FileStamp>();
            for (var entry : need(root, "files").properties()) {
                files.put(entry.getKey(), stamp(entry.getValue()));
            }
            return new Template(
                    directory,
                    need(root, "key").asText(),
                    need(root, "name").asText(),
                    new Size(
                            need(root, "cpus").asInt(),
                            new ByteSize(need(root, "memory").asLong())),
                    Instant.parse(need(root, "created").asText()),
                    inputs,
                    strings(need(root, "machine")),
                    need(root, "nonce_sha256").asText(),
                    need(root, "disk").asLong(),
                    need(root, "cold_boot_ms").asLong(),
                    files);
        } catch (RuntimeException e) {
            throw damaged(directory, e);
        }
    }

    static void write(Image image, Path directory) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", FORMAT)
                .put("inputs", image.inputs())
                .put("kernel", image.kernelSha256())
                .put("initramfs", image.initramfsSha256())
                .put("rootfs", image.rootfsSha256())
                .put("guestd", image.guestdSha256());
        image.archives().forEach(root.putArray("archives")::add);
        Files.writeString(directory.resolve(NAME), root.toPrettyString() + "\n");
    }

    static Image readImage(Path directory) throws RunnerException {
        JsonNode root = read(directory);
        try {
            return new Image(
                    directory,
                    need(root, "inputs").asText(),
                    need(root, "kernel").asText(),
                    need(root, "initramfs").asText(),
                    need(root, "rootfs").asText(),
                    need(root, "guestd").asText(),
                    strings(need(root, "archives")));
        } catch (RuntimeException e) {
            throw damaged(directory, e);
        }
    }

    private static JsonNode read(Path directory) throws RunnerException {
        try {
            JsonNode root = JSON.readTree(Files.readString(directory.resolve(NAME)));
            if (root.path("format").asInt() != FORMAT) {
                throw new IOException("format is not " + FORMAT);
            }
            return root;
        } catch (IOException e) {
            throw damaged(directory, e);
        }
    }

    private static JsonNode need(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || value.isNull()) {
            throw new IllegalArgumentException("no " + field);
        }
        return value;
    }

    private static FileStamp stamp(JsonNode node) {
        return new FileStamp(
                need(node, "size").asLong(),
                need(node, "inode").asLong(),
                Instant.parse(need(node, "changed").asText()),
                need(node, "sha256").asText());
    }

    private static List<String> strings(JsonNode array) {
        var values = new ArrayList<String>();
        array.forEach(value -> values.add(value.asText()));
        return values;
    }

    /** One line: a parser's message goes on with where it was. */
    private static String why(Exception cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    private static RunnerException damaged(Path directory, Exception cause) {
        return new RunnerException(
                Fault.TEMPLATE_DAMAGED,
                directory.resolve(NAME) + " cannot be read (" + why(cause) + "); remove it with: runner"
                        + " template remove " + directory.getFileName(),
                cause);
    }
}
