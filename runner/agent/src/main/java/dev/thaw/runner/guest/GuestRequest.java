package dev.thaw.runner.guest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Map;

/** The lines that the host sends, each a JSON object and its newline. */
final class GuestRequest {
    /** The longest line that guestd takes, in bytes. */
    static final int LONGEST = 1024 * 1024;

    private static final JsonFactory JSON = new JsonFactory();

    private GuestRequest() {}

    static byte[] identity(Identity identity, long timeNanos) {
        return line(json -> {
            json.writeStringField("op", "identity");
            json.writeNumberField("time_ns", timeNanos);
            json.writeStringField("entropy", HexFormat.of().formatHex(identity.entropy()));
            json.writeStringField("machine_id", identity.machineId());
            json.writeStringField("hostname", identity.hostname());
        });
    }

    static byte[] warming() {
        return line(json -> {
            json.writeStringField("op", "identity");
            json.writeBooleanField("warming", true);
        });
    }

    static byte[] stdio(String exec, int descriptor) {
        return line(json -> {
            json.writeStringField("op", "stdio");
            json.writeStringField("exec", exec);
            json.writeNumberField("fd", descriptor);
        });
    }

    static byte[] exec(String exec, GuestCommand command) {
        return line(json -> {
            json.writeStringField("op", "exec");
            json.writeStringField("exec", exec);
            json.writeArrayFieldStart("argv");
            for (String argument : command.argv()) {
                json.writeString(argument);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("env");
            for (Map.Entry<String, String> variable : command.env().entrySet()) {
                json.writeString(variable.getKey() + "=" + variable.getValue());
            }
            json.writeEndArray();
            json.writeStringField("cwd", command.cwd());
            json.writeStringField("user", command.user());
            if (command.terminal() != null) {
                size(json, command.terminal());
            }
        });
    }

    static byte[] signal(int signal) {
        return line(json -> json.writeNumberField("signal", signal));
    }

    static byte[] resize(TerminalSize size) {
        return line(json -> size(json, size));
    }

    private static void size(JsonGenerator json, TerminalSize size) throws IOException {
        json.writeNumberField("rows", size.rows());
        json.writeNumberField("cols", size.columns());
    }

    static byte[] dial(String kind, String address) {
        return line(json -> {
            json.writeStringField("op", "dial");
            json.writeStringField(kind, address);
        });
    }

    static byte[] freeze(String nonce) {
        return line(json -> {
            json.writeStringField("op", "freeze");
            json.writeStringField("nonce", nonce);
        });
    }

    static byte[] powerOff() {
        return line(json -> json.writeStringField("op", "poweroff"));
    }

    private static byte[] line(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }
}
