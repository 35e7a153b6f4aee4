package dev.thaw.runner.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP answer of the guest's Docker daemon: whoever is root in the guest may have written it, so nothing in it is
 * read without a limit.
 *
 * @param status 100 to 599
 * @param body what follows the head, up to the end of the connection
 */
record DockerAnswer(int status, InputStream body) {
    private static final int LONGEST_LINE = 16 << 10;
    private static final int MOST_LINES = 200;
    private static final int LARGEST_JSON = 1 << 20;
    private static final int LONGEST_PROGRESS_LINE = 64 << 10;
    private static final int LONGEST_MESSAGE = 600;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})( .*)?");
    private static final JsonMapper JSON = new JsonMapper();

    /** Reads a head and not a byte behind it. */
    static DockerAnswer read(InputStream in) throws IOException {
        Matcher status = STATUS.matcher(headLine(in));
        if (!status.matches()) {
            throw new IOException("no answer in HTTP");
        }
        for (int lines = 0; !headLine(in).isEmpty(); lines++) {
            if (lines == MOST_LINES) {
                throw new IOException("an answer without end");
            }
        }
        return new DockerAnswer(Integer.parseInt(status.group(1)), in);
    }

    /** Whether Docker did what it was asked. */
    boolean done() {
        return status >= 200 && status < 300;
    }

    /** The body as JSON. */
    JsonNode json() throws IOException {
        byte[] bytes = body.readNBytes(LARGEST_JSON + 1);
        if (bytes.length > LARGEST_JSON) {
            throw new IOException("an answer of more than " + LARGEST_JSON + " bytes");
        }
        return JSON.readTree(bytes);
    }

    /** Why Docker did not do what it was asked, on one line. */
    String refusal() throws IOException {
        String message = json().path("message").asText();
        return printable(message.isEmpty() ? "HTTP status " + status : message);
    }

    /** Reads a pull's progress to its end; what it failed with, empty when it did not. */
    Optional<String> failureOfPull() throws IOException {
        Optional<String> failure = Optional.empty();
        for (byte[] line = line(body, LONGEST_PROGRESS_LINE); line != null; line = line(body, LONGEST_PROGRESS_LINE)) {
            String error =
                    line.length == 0 ? "" : JSON.readTree(line).path("error").asText();
            failure = error.isEmpty() ? failure : Optional.of(printable(error));
        }
        return failure;
    }

    /** One line that a terminal can be trusted with. */
    static String printable(String text) {
        String line = text.strip().replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\u2028\\u2029]+", " ");
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "...";
    }

    private static String headLine(InputStream in) throws IOException {
        byte[] line = line(in, LONGEST_LINE);
        if (line == null) {
            throw new IOException("the connection ended before an answer");
        }
        String text = new String(line, StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private static byte @Nullable [] line(InputStream in, int longest) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return line.size() == 0 ? null : line.toByteArray();
            }
            if (line.size() == longest) {
                throw new IOException("a line of more than " + longest + " bytes");
            }
            line.write(next);
        }
        return line.toByteArray();
    }
}
