package dev.thaw.runner.agent;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What an agent says to whoever operates it: a line of JSON for each message, on standard error. */
public final class AgentLog extends Formatter {
    private static final JsonMapper JSON = new JsonMapper();

    private AgentLog() {}

    /** From now on all messages of this process are such lines. */
    public static void install() {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        var lines = new ConsoleHandler();
        lines.setFormatter(new AgentLog());
        root.addHandler(lines);
    }

    @Override
    public String format(LogRecord message) {
        ObjectNode line = JSON.createObjectNode()
                .put("time", message.getInstant().toString())
                .put("level", level(message.getLevel()))
                .put("logger", message.getLoggerName())
                .put("message", formatMessage(message));
        if (message.getThrown() != null) {
            var trace = new StringWriter();
            message.getThrown().printStackTrace(new PrintWriter(trace));
            line.put("trace", trace.toString());
        }
        return line + "\n";
    }

    private static String level(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "error";
        }
        return level.intValue() >= Level.WARNING.intValue() ? "warning" : "info";
    }
}
