package dev.thaw.runner.guest;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The guest's end of a connection, frame by frame and as wrong as a test wants it. */
final class FakeGuest implements AutoCloseable {
    private static final int PREAMBLE_BYTES = 40;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path directory;
    private final ServerSocketChannel server;
    private final SocketChannel host;
    private final GuestSession session;
    private final Set<Integer> opened = new HashSet<>();

    private FakeGuest(Path directory, byte[] garbage) throws Exception {
        this.directory = directory;
        server = listen(directory.resolve("s"));
        CompletableFuture<SocketChannel> accepted = inBackground(() -> acceptAndEcho(server, garbage));
        session = GuestSession.open(directory.resolve("s"), soon());
        host = within(accepted);
    }

    /** A guest with a session that has begun. */
    static FakeGuest inSession() throws Exception {
        return inSessionAfter(new byte[0]);
    }

    /** The same, where garbage comes before the echo of the preamble. */
    static FakeGuest inSessionAfter(byte[] garbage) throws Exception {
        return new FakeGuest(Files.createTempDirectory("g"), garbage);
    }

    static ServerSocketChannel listen(Path socket) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
    }

    static Deadline soon() {
        return Deadline.in(PATIENCE);
    }

    static <T> CompletableFuture<T> inBackground(Work<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(work.run());
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                },
                "fake-guest");
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    static CompletableFuture<Boolean> doInBackground(Deed deed) {
        return inBackground(() -> {
            deed.run();
            return true;
        });
    }

    /** Work whose end nobody waits for. */
    static void aside(Deed deed) {
        doInBackground(deed).exceptionally(e -> false);
    }

    static <T> T within(CompletableFuture<T> result) throws Exception {
        try {
            return result.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new AssertionError("not within " + PATIENCE, e);
        }
    }

    GuestSession session() {
        return session;
    }

    SocketChannel channel() {
        return host;
    }

    /** The next frame from the host. */
    Received next() throws IOException {
        ByteBuffer header = read(host, Frame.HEADER_BYTES);
        int type = header.get(1);
        int flags = header.getShort(2);
        int id = header.getInt(4);
        int value = header.getInt(8);
        byte[] payload = type == Frame.DATA ? read(host, value).array() : new byte[0];
        return new Received(type, flags, id, value, payload);
    }

    /** The line of a session that begins again; frames before it are passed over. */
    byte[] awaitPreamble() throws IOException {
        byte[] begin = read(host, Frame.HEADER_BYTES).array();
        while (begin[0] == 0) {
            if (begin[1] == Frame.DATA) {
                read(host, ByteBuffer.wrap(begin).getInt(8));
            }
            begin = read(host, Frame.HEADER_BYTES).array();
        }
        byte[] line = Arrays.copyOf(begin, PREAMBLE_BYTES);
        byte[] rest = read(host, PREAMBLE_BYTES - Frame.HEADER_BYTES).array();
        System.arraycopy(rest, 0, line, Frame.HEADER_BYTES, rest.length);
        return line;
    }

    /** The next frame of this type from the host; those before it are passed over. */
    Received next(int type) throws IOException {
        Received frame = next();
        while (frame.type() != type) {
            frame = next();
        }
        return frame;
    }

    /** The next stream that gets its opening line from the host, and that line. */
    Opened nextOpened() throws IOException {
        Received first = next(Frame.DATA);
        while (!opened.add(first.id())) {
            first = next(Frame.DATA);
        }
        String line = first.text();
        while (!line.endsWith("\n")) {
            line += next(Frame.DATA).text();
        }
        return new Opened(first.id(), line.strip());
    }

    void send(int type, int flags, int id, int value) throws IOException {
        sendHeader(0, type, flags, id, value);
    }

    void sendHeader(int version, int type, int flags, int id, int value) throws IOException {
        write(header(version, type, flags, id, value).array());
    }

    void sendData(int id, byte[] payload) throws IOException {
        // In one piece: the host may hang up as soon as it sees the header.
        byte[] frame = Arrays.copyOf(
                header(0, Frame.DATA, 0, id, payload.length).array(), Frame.HEADER_BYTES + payload.length);
        System.arraycopy(payload, 0, frame, Frame.HEADER_BYTES, payload.length);
        write(frame);
    }

    void sendLine(int id, String line) throws IOException {
        sendData(id, (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void finish(int id) throws IOException {
        send(Frame.WINDOW, Frame.FIN, id, 0);
    }

    /** Answers the next stream that the host opens with one line, and finishes it. */
    CompletableFuture<Opened> answers(String line) {
        return inBackground(() -> {
            Opened opened = nextOpened();
            sendLine(opened.id(), line);
            finish(opened.id());
            return opened;
        });
    }

    void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            host.write(buffer);
        }
    }

    @Override
    public void close() {
        session.close();
        try {
            host.close();
            server.close();
            Files.delete(directory.resolve("s"));
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SocketChannel acceptAndEcho(ServerSocketChannel server, byte[] garbage) throws IOException {
        SocketChannel host = server.accept();
        ByteBuffer preamble = read(host, PREAMBLE_BYTES);
        Channels.newOutputStream(host).write(garbage);
        host.write(preamble);
        return host;
    }

    private static ByteBuffer read(SocketChannel from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (from.read(buffer) < 0) {
                throw new IOException("the host has hung up");
            }
        }
        return buffer.flip();
    }

    private static ByteBuffer header(int version, int type, int flags, int id, int value) {
        return ByteBuffer.allocate(Frame.HEADER_BYTES)
                .put((byte) version)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(id)
                .putInt(value);
    }

    interface Deed {
        void run() throws Exception;
    }

    interface Work<T> {
        T run() throws Exception;
    }

    /** A stream and the line it was opened with. */
    record Opened(int id, String line) {}

    /** A frame of the host's. */
    static final class Received {
        private final int type;
        private final int flags;
        private final int id;
        private final int value;
        private final byte[] payload;

        Received(int type, int flags, int id, int value, byte[] payload) {
            this.type = type;
            this.flags = flags;
            this.id = id;
            this.value = value;
            this.payload = payload;
        }

        int type() {
            return type;
        }

        int flags() {
            return flags;
        }

        int id() {
            return id;
        }

        int value() {
            return value;
        }

        byte[] payload() {
            return payload;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }
}
