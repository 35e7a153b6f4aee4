package dev.thaw.runner.guest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A line of guestd's: a flat JSON object of text, whole numbers and truth values. Anything else is a breach. */
final class GuestAnswer {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int LONGEST_TEXT = 1000;

    private final Map<String, Object> fields;

    private GuestAnswer(Map<String, Object> fields) {
        this.fields = fields;
    }

    static GuestAnswer parse(byte[] line) throws GuestLostException {
        try {
            // Decoded here: Jackson would also guess UTF-16 and UTF-32.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
            try (JsonParser json = JSON.createParser(text)) {
                return new GuestAnswer(fields(json));
            }
        } catch (GuestLostException e) {
            throw e;
        } catch (IOException e) {
            throw GuestLostException.breach("a line of " + line.length + " bytes that is not a JSON object");
        }
    }

    boolean has(String field) {
        return fields.containsKey(field);
    }

    /** Whether this is {@code {"ok":true}} with exactly these other fields; a breach if it is not. */
    GuestAnswer checkOk(String... others) throws GuestLostException {
        if (!Boolean.TRUE.equals(fields.get("ok"))) {
            throw wrongShape();
        }
        checkFields(others.length + 1, others);
        return this;
    }

    /** Exactly these fields, or a breach. */
    GuestAnswer checkOnly(String... names) throws GuestLostException {
        checkFields(names.length, names);
        return this;
    }

    /** Text that is safe to print: one line, no control characters, at most 1,000 characters. */
    String text(String field) throws GuestLostException {
        if (!(fields.get(field) instanceof String text)) {
            throw wrongShape();
        }
        String shown = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
        return shown.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\u2028\\u2029]", "?");
    }

    long number(String field, long least, long most) throws GuestLostException {
        if (!(fields.get(field) instanceof Long number) || number < least || number > most) {
            throw wrongShape();
        }
        return number;
    }

    /** An answer that the protocol does not have here. */
    GuestLostException wrongShape() {
        Set<String> names = fields.keySet();
        return GuestLostException.breach("an answer of the wrong shape, with the fields "
                + String.join(", ", names).replaceAll("[^a-z_, ]", "?"));
    }

    private void checkFields(int count, String... names) throws GuestLostException {
        if (fields.size() != count || !fields.keySet().containsAll(Set.of(names))) {
            throw wrongShape();
        }
    }

    private static Map<String, Object> fields(JsonParser json) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw GuestLostException.breach("a line that is not a JSON object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            fields.put(name, value(json));
        }
        if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
            throw GuestLostException.breach("a line that is more or less than one JSON object");
        }
        return fields;
    }

    private static Object value(JsonParser json) throws IOException {
        JsonToken token = json.nextToken();
        if (token == JsonToken.VALUE_STRING) {
            return json.getText();
        }
        if (token == JsonToken.VALUE_NUMBER_INT) {
            return json.getLongValue();
        }
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
            return token == JsonToken.VALUE_TRUE;
        }
        throw GuestLostException.breach("an answer with a value that is no text, whole number or truth value");
    }
}
