package dev.thaw.runner.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to run in a kept guest.
 *
 * @param argv the command; empty for a shell
 * @param stdin whether it has an input
 * @param terminal what it gets the like of; null for none
 */
public record ShellOrder(
        List<String> argv, boolean stdin, @Nullable Terminal terminal) {
    private static final JsonMapper JSON = new JsonMapper();
    // As many images have nothing but sh.
    private static final List<String> SHELL =
            List.of("/bin/sh", "-c", "if command -v bash > /dev/null; then exec bash; fi; exec sh");

    public ShellOrder {
        argv = List.copyOf(argv);
    }

    /** What is run: the command, else the best shell there is. */
    public List<String> command() {
        return argv.isEmpty() ? SHELL : argv;
    }

    byte[] bytes() throws IOException {
        ObjectNode root = JSON.createObjectNode().put("stdin", stdin);
        argv.forEach(root.putArray("argv")::add);
        if (terminal != null) {
            TerminalSize size = terminal.size();
            root.putObject("terminal")
                    .put("type", terminal.type())
                    .put("rows", size.rows())
                    .put("cols", size.columns());
        }
        return JSON.writeValueAsBytes(root);
    }

    static ShellOrder parse(byte[] bytes) throws IOException {
        JsonNode root = JSON.readTree(bytes);
        if (!root.isObject()) {
            throw new IllegalArgumentException("an order is an object");
        }
        var argv = new ArrayList<String>();
        root.path("argv").forEach(word -> argv.add(word.asText()));
        JsonNode terminal = root.path("terminal");
        return new ShellOrder(
                argv,
                root.path("stdin").asBoolean(),
                terminal.isMissingNode()
                        ? null
                        : new Terminal(
                                terminal.path("type").asText(),
                                new TerminalSize(
                                        terminal.path("rows").asInt(),
                                        terminal.path("cols").asInt())));
    }
}
