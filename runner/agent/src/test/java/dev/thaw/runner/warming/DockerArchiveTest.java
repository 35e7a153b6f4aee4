package dev.thaw.runner.warming;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.template.Digests;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerArchiveTest {
    @TempDir
    Path directory = Path.of("");

    private Map<String, byte[]> written(String layer) throws Exception {
        Path archive = directory.resolve("image.tar");
        DockerArchive.write(
                Files.writeString(directory.resolve("layer"), layer), "busybox:latest", List.of("sh", "-l"), archive);
        var entries = new LinkedHashMap<String, byte[]>();
        try (var tar = new TarArchiveInputStream(Files.newInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.put(entry.getName(), tar.readAllBytes());
            }
        }
        return entries;
    }

    @Test
    void everyFileIsNamedAfterWhatIsInIt() throws Exception {
        Map<String, byte[]> entries = written("a layer");
        JsonNode image = new JsonMapper().readTree(entries.get("manifest.json")).get(0);
        String config = image.path("Config").asText();
        String layer = image.path("Layers").get(0).asText();

        assertThat(entries).containsOnlyKeys("manifest.json", config, layer);
        assertThat(image.path("RepoTags").get(0).asText()).isEqualTo("busybox:latest");
        assertThat(entries.get(layer)).isEqualTo("a layer".getBytes(StandardCharsets.UTF_8));
        assertThat(config).isEqualTo(Digests.sha256(new String(entries.get(config), StandardCharsets.UTF_8)) + ".json");
        JsonNode content = new JsonMapper().readTree(entries.get(config));
        assertThat(content.path("rootfs").path("diff_ids").get(0).asText())
                .isEqualTo("sha256:" + Digests.sha256("a layer"));
        assertThat(content.path("config").path("Cmd")).hasToString("[\"sh\",\"-l\"]");
    }
}
