package dev.thaw.runner.client;

import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What somebody here types to a step that an agent runs: bytes, sizes of the terminal, signals. Each method waits until
 * it is sent, which can take as long as the step does not read. For any thread.
 */
public final class AttachedInput implements AutoCloseable {
    /** The agent takes messages of 64 KiB. */
    private static final int LONGEST = 32 << 10;

    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private @Nullable WebSocket socket;

    AttachedInput() {}

    void open(WebSocket opened) {
        socket = opened;
    }

    WebSocket.Listener listener() {
        return new WebSocket.Listener() {
            @Override
            public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
                over.complete(null);
                return null;
            }

            @Override
            public void onError(WebSocket webSocket, Throwable error) {
                over.complete(null);
            }
        };
    }

    /** Completes when the step is over, or the connection is. */
    public CompletableFuture<Void> over() {
        return over;
    }

    /** Sends input. */
    public synchronized void type(byte[] bytes, int offset, int length) throws IOException, InterruptedException {
        for (int done = 0; done < length; done += LONGEST) {
            int piece = Math.min(LONGEST, length - done);
            await(sender().sendBinary(ByteBuffer.wrap(bytes, offset + done, piece), true));
        }
    }

    /** The input ends here. */
    public synchronized void end() throws IOException, InterruptedException {
        await(sender().sendText("{\"type\":\"end\"}", true));
    }

    /** The terminal has another size. */
    public synchronized void resize(int rows, int columns) throws IOException, InterruptedException {
        await(sender().sendText("{\"type\":\"resize\",\"rows\":" + rows + ",\"cols\":" + columns + "}", true));
    }

    /** Sends the step a signal, 1 to 64. */
    public synchronized void signal(int number) throws IOException, InterruptedException {
        await(sender().sendText("{\"type\":\"signal\",\"signal\":" + number + "}", true));
    }

    /** Hangs up at once. Without an {@link #end} before, the step is told that its input broke off. */
    @Override
    public void close() {
        WebSocket opened = socket;
        if (opened != null) {
            opened.abort();
        }
        over.complete(null);
    }

    private WebSocket sender() throws IOException {
        WebSocket opened = socket;
        if (opened == null || over.isDone()) {
            throw new IOException("the step is over");
        }
        return opened;
    }

    /** Until it is sent, or cannot be any more. */
    private void await(CompletableFuture<WebSocket> sending) throws IOException, InterruptedException {
        try {
            CompletableFuture.anyOf(sending, over).get();
        } catch (ExecutionException e) {
            throw new IOException("the step is over", e);
        }
        if (!sending.isDone()) {
            throw new IOException("the step is over");
        }
    }
}
