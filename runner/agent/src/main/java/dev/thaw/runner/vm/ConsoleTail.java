package dev.thaw.runner.vm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** The last of what a guest's kernel said on its console: the reason, when a guest is lost. Bounded. */
final class ConsoleTail implements AutoCloseable {
    private static final int KEPT = 16 * 1024;

    private final SocketChannel channel;
    private final StringBuilder tail = new StringBuilder();

    ConsoleTail(SocketChannel channel) {
        this.channel = channel;
        Thread reader = new Thread(this::read, "console-tail");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (channel.read(buffer) >= 0) {
                keep(StandardCharsets.ISO_8859_1.decode(buffer.flip()).toString());
                buffer.clear();
            }
        } catch (IOException e) {
            keep("");
        }
    }

    private synchronized void keep(String text) {
        tail.append(text);
        if (tail.length() > KEPT) {
            tail.delete(0, tail.length() - KEPT);
        }
        notifyAll();
    }

    /** What is kept, with everything that could steer a terminal taken out. */
    synchronized String text() {
        return tail.toString().replaceAll("[^\\n\\x20-\\x7e]", "");
    }

    /** The last lines, on one line each, for a fault's message; empty when the console was silent. */
    String lastLines(int count) {
        var lines = text().lines().filter(line -> !line.isBlank()).toList();
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger(ConsoleTail.class.getName()).log(System.Logger.Level.DEBUG, "closing the console", e);
        }
    }
}
