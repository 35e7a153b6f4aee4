package dev.thaw.runner.container;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is run in a container.
 *
 * @param step what messages call it
 * @param argv its words, the first of which is the program
 * @param terminal what it gets the like of; null for none
 */
public record ContainerCommand(
        String step, List<String> argv, @Nullable Terminal terminal) {
    public ContainerCommand {
        argv = List.copyOf(argv);
    }

    /** The body of Docker's {@code POST /containers/ID/exec}. */
    ObjectNode json(boolean stdin, @Nullable TerminalSize size) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("AttachStdin", stdin).put("AttachStdout", true).put("AttachStderr", true);
        if (terminal != null && size != null) {
            body.put("Tty", true).putArray("Env").add("TERM=" + terminal.type());
            // Docker takes a terminal without rows for a mistake.
            if (size.rows() > 0 && size.columns() > 0) {
                body.putArray("ConsoleSize").add(size.rows()).add(size.columns());
            }
        }
        argv.forEach(body.putArray("Cmd")::add);
        return body;
    }
}
