package dev.thaw.runner.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.runner.records.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketCreator;
import org.jspecify.annotations.Nullable;

/** One request that is allowed, and its response. Blocking: each call has a thread. */
final class Call {
    private static final int LARGEST_JSON = 1 << 20;

    private final Request request;
    private final Response response;
    private final Caller caller;
    private final List<String> variables;
    private final Callback callback;
    private boolean handedOver;

    /**
     * A call.
     *
     * @param variables what stood in the path where the route has a variable
     * @param callback told of the end by whoever answers
     */
    Call(Request request, Response response, Caller caller, List<String> variables, Callback callback) {
        this.request = request;
        this.response = response;
        this.caller = caller;
        this.variables = List.copyOf(variables);
        this.callback = callback;
    }

    /** Turns the connection into a WebSocket; false if that was not asked for. */
    boolean upgrade(WebSocketCreator creator) {
        ServerWebSocketContainer container = ServerWebSocketContainer.get(request.getContext());
        handedOver = container.upgrade(creator, request, response, callback);
        return handedOver;
    }

    /** Whether the callback is somebody else's by now. */
    boolean handedOver() {
        return handedOver;
    }

    Caller caller() {
        return caller;
    }

    String variable(int index) {
        return variables.get(index);
    }

    int variables() {
        return variables.size();
    }

    @Nullable
    String header(String name) {
        return request.getHeaders().get(name);
    }

    /** Whether the caller asks for JSON, of what is to be had in more than one way. */
    boolean wantsJson() {
        return headers("Accept").stream()
                .flatMap(header -> Stream.of(header.split(",", -1)))
                .anyMatch(type -> type.split(";", 2)[0].strip().equalsIgnoreCase("application/json"));
    }

    /** Adds a header to the answer. */
    void put(String name, String value) {
        response.getHeaders().put(name, value);
    }

    /** The parameters of the address: each of the known ones once at most, and no other. */
    Query query(List<String> known) throws ProblemException {
        Fields fields = Request.extractQueryParameters(request);
        for (String name : fields.getNames()) {
            if (!known.contains(name)) {
                throw Problem.BAD_REQUEST.with("unknown parameter '" + name + "'; "
                        + (known.isEmpty() ? "there are none" : "known ones: " + String.join(", ", known)));
            }
            if (fields.getValuesOrEmpty(name).size() > 1) {
                throw Problem.BAD_REQUEST.with("parameter '" + name + "' stands there twice");
            }
        }
        return name -> Optional.ofNullable(fields.getValue(name));
    }

    /** The value of a parameter. */
    interface Query {
        Optional<String> value(String name);
    }

    /** The whole body, which is JSON and small. */
    byte[] json() throws ProblemException, IOException {
        requireType("application/json");
        try (InputStream in = body()) {
            byte[] bytes = in.readNBytes(LARGEST_JSON + 1);
            if (bytes.length > LARGEST_JSON) {
                throw Problem.TOO_LARGE.with("a body of JSON may have 1 MiB");
            }
            return bytes;
        }
    }

    /** The body as it comes. */
    InputStream body() {
        return Content.Source.asInputStream(request);
    }

    void requireType(String wanted) throws ProblemException {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        String plain = type == null ? "none" : type.split(";", 2)[0].strip();
        if (!plain.equalsIgnoreCase(wanted)) {
            throw Problem.UNSUPPORTED_TYPE.with("the body must be " + wanted + ", got: " + plain);
        }
    }

    /** Answers with JSON. */
    void answer(int status, JsonNode body) throws IOException {
        answer(status, "application/json", body.toString());
    }

    /** Answers with JSON and where it is. */
    void answer(int status, JsonNode body, String location) throws IOException {
        response.getHeaders().put(HttpHeader.LOCATION, location);
        answer(status, body);
    }

    /** Answers with text of a type. */
    void answer(int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
        try (OutputStream out = Content.Sink.asOutputStream(response)) {
            out.write(bytes);
        }
    }

    /** Answers with bytes as they come; the stream is the caller's to close. */
    OutputStream stream(String type) {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        return Content.Sink.asOutputStream(response);
    }

    /** Answers with a file of so many bytes. */
    OutputStream stream(String type, long length) {
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
        return stream(type);
    }

    /** Answers without a body. */
    void answer(int status) throws IOException {
        response.setStatus(status);
        Content.Sink.asOutputStream(response).close();
    }

    /** All headers of that name, for a check that there is one. */
    List<String> headers(String name) {
        var values = new ArrayList<String>();
        for (HttpField field : request.getHeaders()) {
            if (field.is(name)) {
                values.add(String.valueOf(field.getValue()));
            }
        }
        return values;
    }
}
