package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** docs/agent-api.yaml, held against what a running agent answers. */
final class ApiDescription implements AgentUnderTest.Answers {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String HERE = "https://thaw.test/agent-api";

    private final JsonNode root;
    private final JsonSchemaFactory schemas;
    private final Set<String> seen = new ConcurrentSkipListSet<>();

    ApiDescription() throws IOException {
        Object yaml = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file()));
        root = JSON.valueToTree(yaml);
        schemas = JsonSchemaFactory.getInstance(
                SpecVersion.VersionFlag.V202012,
                builder -> builder.schemaLoaders(
                        loaders -> loaders.schemas(iri -> iri.equals(HERE) ? root.toString() : null)));
    }

    private static Path file() {
        Path start = Path.of("").toAbsolutePath();
        for (Path at = start; at != null; at = at.getParent()) {
            Path file = at.resolve("docs").resolve("agent-api.yaml");
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new AssertionError("no docs/agent-api.yaml above " + start);
    }

    /** Every {@code METHOD path} that is described. */
    Set<String> operations() {
        var all = new TreeSet<String>();
        root.path("paths")
                .properties()
                .forEach(path -> path.getValue().fieldNames().forEachRemaining(method -> {
                    if (!method.equals("parameters")) {
                        all.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                    }
                }));
        return all;
    }

    /** Every {@code METHOD path} that was answered and found to be as described. */
    Set<String> seen() {
        return seen;
    }

    @Override
    public void got(String method, String path, HttpResponse<String> response) {
        String plain = path.split("\\?", 2)[0];
        String template = template(plain);
        String type = response.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
        if (template.isEmpty() || response.statusCode() == 405) {
            // Not in the description, and so a problem.
            assertThat(type).describedAs(method + " " + path).isEqualTo("application/problem+json");
            valid("/components/schemas/Problem", response.body());
            return;
        }
        String pointer = "/paths/" + template.replace("~", "~0").replace("/", "~1") + "/"
                + method.toLowerCase(Locale.ROOT) + "/responses/" + response.statusCode();
        JsonNode described = root.at(pointer);
        if (described.has("$ref")) {
            pointer = described.path("$ref").asText().substring(1);
            described = root.at(pointer);
        }
        assertThat(described.isObject())
                .describedAs(method + " " + path + " answers " + response.statusCode() + ": " + response.body())
                .isTrue();
        described.path("headers").properties().forEach(header -> {
            if (header.getValue().path("required").asBoolean()) {
                assertThat(response.headers().firstValue(header.getKey())).isPresent();
            }
        });
        body(described, pointer, type, response.body());
        seen.add(method + " " + template);
    }

    private void body(JsonNode described, String pointer, String type, String body) {
        if (!described.has("content")) {
            assertThat(body).isEmpty();
            return;
        }
        JsonNode content = described.path("content").path(type);
        assertThat(content.isObject()).describedAs(pointer + " has " + type).isTrue();
        if (content.has("schema")) {
            valid(pointer + "/content/" + type.replace("/", "~1") + "/schema", body);
        }
        if (content.has("x-event-data")) {
            body.lines()
                    .filter(line -> line.startsWith("data: "))
                    .forEach(line -> valid("/components/schemas/Event", line.substring(6)));
        }
    }

    private void valid(String pointer, String latin1) {
        JsonSchema schema = schemas.getSchema(SchemaLocation.of(HERE + "#" + pointer));
        try {
            JsonNode body = JSON.readTree(latin1.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(schema.validate(body)).describedAs(pointer + ": " + body).isEmpty();
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + latin1, e);
        }
    }

    private String template(String path) {
        String[] asked = path.split("/", -1);
        String found = "";
        for (String candidate : (Iterable<String>) () -> root.path("paths").fieldNames()) {
            String[] wanted = candidate.split("/", -1);
            boolean open = candidate.endsWith("/{path}");
            if (wanted.length == asked.length || (open && asked.length > wanted.length)) {
                boolean same = true;
                for (int i = 0; i < wanted.length; i++) {
                    same &= wanted[i].startsWith("{") || wanted[i].equals(asked[i]);
                }
                found = same && found.isEmpty() ? candidate : found;
            }
        }
        return found;
    }
}
