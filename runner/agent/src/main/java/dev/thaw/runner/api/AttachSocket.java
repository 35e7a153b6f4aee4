package dev.thaw.runner.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.execution.Attachment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.jspecify.annotations.Nullable;

/**
 * The WebSocket of somebody who types to a step. Binary messages are input; text ones are JSON: {@code end} of the
 * input, {@code resize}, {@code signal}. One message at a time: the next is read when the step has taken the last one,
 * on a thread of this socket's own, since a step may take its time.
 */
public final class AttachSocket implements Session.Listener {
    private static final System.Logger LOG = System.getLogger(AttachSocket.class.getName());
    private static final JsonMapper JSON = new JsonMapper();

    private final JobDesk.Attended attended;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicBoolean silent = new AtomicBoolean();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(work -> {
        var thread = new Thread(work, "attach");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Session session;

    AttachSocket(JobDesk.Attended attended) {
        this.attended = attended;
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        session = opened;
        opened.addIdleTimeoutListener(timeout -> gone(opened));
        var unused = attended.over().thenRun(() -> opened.close(StatusCode.NORMAL, "the step is over", Callback.NOOP));
        opened.sendText("{\"type\":\"attached\"}", Callback.NOOP);
        opened.demand();
    }

    /** Whether a client that says nothing is not there any more; one whose step does not read need not answer. */
    private boolean gone(Session opened) {
        if (busy.get()) {
            return false;
        }
        if (silent.getAndSet(true)) {
            return true;
        }
        opened.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
        return false;
    }

    @Override
    public void onWebSocketPong(ByteBuffer payload) {
        silent.set(false);
        demand();
    }

    @Override
    public void onWebSocketPing(ByteBuffer payload) {
        silent.set(false);
        Session opened = session;
        if (opened != null) {
            opened.sendPong(payload, Callback.NOOP);
        }
        demand();
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        callback.succeed();
        take(attachment -> {
            if (!attachment.hasInput() || ended.get()) {
                throw new IllegalArgumentException("the step has no input, or its input has ended");
            }
            attachment.type(bytes);
        });
    }

    @Override
    public void onWebSocketText(String message) {
        take(attachment -> obey(message, attachment));
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, "an attached client", cause);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        callback.succeed();
        worker.shutdownNow();
        if (!ended.get()) {
            attended.attachment().breakOff("the client that typed it went away");
        }
        attended.detach();
    }

    private interface Message {
        void to(Attachment attachment) throws IOException;
    }

    private void take(Message message) {
        silent.set(false);
        busy.set(true);
        worker.execute(() -> {
            try {
                message.to(attended.attachment());
                busy.set(false);
                demand();
            } catch (IllegalArgumentException e) {
                close(StatusCode.POLICY_VIOLATION, String.valueOf(e.getMessage()));
            } catch (IOException e) {
                close(StatusCode.NORMAL, "the step is over");
            }
        });
    }

    private void obey(String message, Attachment attachment) throws IOException {
        JsonNode node = parsed(message);
        switch (node.path("type").asText()) {
            case "end" -> {
                ended.set(true);
                attachment.endInput();
            }
            case "resize" -> attachment.resize(number(node, "rows"), number(node, "cols"));
            case "signal" -> attachment.signal(number(node, "signal"));
            default -> throw new IllegalArgumentException("'type' must be end, resize or signal");
        }
    }

    private static JsonNode parsed(String message) {
        try {
            return JSON.readTree(message);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a text message must be JSON", e);
        }
    }

    private static int number(JsonNode node, String field) {
        if (!node.path(field).isIntegralNumber() || !node.path(field).canConvertToInt()) {
            throw new IllegalArgumentException("'" + field + "' must be a whole number");
        }
        return node.path(field).asInt();
    }

    private void demand() {
        Session opened = session;
        if (opened != null && opened.isOpen()) {
            opened.demand();
        }
    }

    private void close(int code, String why) {
        Session opened = session;
        if (opened != null) {
            // A close frame has room for 123 bytes.
            byte[] bytes = why.getBytes(StandardCharsets.UTF_8);
            opened.close(code, bytes.length <= 123 ? why : "", Callback.NOOP);
        }
    }
}
