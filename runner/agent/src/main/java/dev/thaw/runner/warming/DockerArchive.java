package dev.thaw.runner.warming;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.template.Digests;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Makes an image of one layer that {@code docker load} takes.
 *
 * @see <a href="https://github.com/moby/docker-image-spec/blob/main/v1.2.md">Docker Image Specification v1.2</a>
 */
final class DockerArchive {
    private static final JsonMapper JSON = new JsonMapper();

    private DockerArchive() {}

    static void write(Path layer, String reference, List<String> command, Path archive) throws IOException {
        String diffId = Digests.sha256(layer);
        byte[] config = config(diffId, command);
        String configName = Digests.sha256(new String(config, StandardCharsets.UTF_8)) + ".json";
        String layerName = diffId + "/layer.tar";
        try (OutputStream file = Files.newOutputStream(archive);
                var tar = new TarArchiveOutputStream(file)) {
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            put(tar, configName, config);
            TarArchiveEntry entry = new TarArchiveEntry(layerName);
            entry.setSize(Files.size(layer));
            tar.putArchiveEntry(entry);
            Files.copy(layer, tar);
            tar.closeArchiveEntry();
            put(tar, "manifest.json", manifest(configName, reference, layerName));
        }
    }

    private static byte[] config(String diffId, List<String> command) throws IOException {
        ObjectNode root = JSON.createObjectNode().put("architecture", "amd64").put("os", "linux");
        ObjectNode defaults = root.putObject("config");
        defaults.putArray("Env").add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.forEach(defaults.putArray("Cmd")::add);
        root.putObject("rootfs").put("type", "layers").putArray("diff_ids").add("sha256:" + diffId);
        return JSON.writeValueAsBytes(root);
    }

    private static byte[] manifest(String config, String reference, String layer) throws IOException {
        ArrayNode root = JSON.createArrayNode();
        ObjectNode image = root.addObject().put("Config", config);
        image.putArray("RepoTags").add(reference);
        image.putArray("Layers").add(layer);
        return JSON.writeValueAsBytes(root);
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
