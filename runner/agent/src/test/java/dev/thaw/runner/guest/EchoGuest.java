package dev.thaw.runner.guest;

import dev.thaw.runner.guest.FakeGuest.Received;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * A guest that connects every dial to an echo: it sends back what it gets, as far as the host's window lets it, and
 * grants only what it has sent back.
 */
final class EchoGuest {
    private final FakeGuest guest;
    private final Map<Integer, Echo> echoes = new HashMap<>();
    private int mostWaiting;

    EchoGuest(FakeGuest guest) {
        this.guest = guest;
    }

    /** Until the host hangs up. */
    void run() throws IOException {
        while (true) {
            Received frame = guest.next();
            if (frame.type() == Frame.WINDOW && (frame.flags() & Frame.SYN) != 0) {
                echoes.put(frame.id(), new Echo(frame.id()));
            }
            Echo echo = echoes.get(frame.id());
            if (echo != null) {
                echo.take(frame);
            }
        }
    }

    /** How many bytes waited for one host's window at most. */
    int mostWaiting() {
        return mostWaiting;
    }

    private final class Echo {
        private final int id;
        private final Deque<byte[]> waiting = new ArrayDeque<>();
        private int bytesWaiting;
        private int window = Frame.FIRST_WINDOW;
        private boolean connected;
        private boolean finished;

        Echo(int id) {
            this.id = id;
        }

        void take(Received frame) throws IOException {
            if (frame.type() == Frame.WINDOW) {
                window += frame.value();
            } else if (connected) {
                waiting.add(frame.payload());
                bytesWaiting += frame.value();
                mostWaiting = Math.max(mostWaiting, bytesWaiting);
            } else {
                connect(frame.value());
            }
            finished |= (frame.flags() & Frame.FIN) != 0;
            sendWaiting();
        }

        private void connect(int lineLength) throws IOException {
            String answer = "{\"ok\":true}";
            guest.sendLine(id, answer);
            window -= answer.length() + 1;
            guest.send(Frame.WINDOW, 0, id, lineLength);
            connected = true;
        }

        private void sendWaiting() throws IOException {
            while (window > 0 && !waiting.isEmpty()) {
                byte[] front = waiting.remove();
                int sent = Math.min(window, front.length);
                if (sent < front.length) {
                    waiting.addFirst(Arrays.copyOfRange(front, sent, front.length));
                }
                guest.sendData(id, Arrays.copyOf(front, sent));
                guest.send(Frame.WINDOW, 0, id, sent);
                window -= sent;
                bytesWaiting -= sent;
            }
            if (finished && waiting.isEmpty()) {
                finished = false;
                guest.finish(id);
            }
        }
    }
}
