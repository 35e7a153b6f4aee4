package dev.thaw.runner.vm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** The last of what a guest's kernel said on its console: the reason, when a guest is lost. Bounded. */
final class ConsoleTail implements AutoCloseable {
    private static final int KEPT = 16 * 1024;
    /** How Linux begins to say that it cannot go on, and where: above a screen of registers and addresses. */
    private static final Pattern CAUSE = Pattern.compile(
            "BUG: |Oops: |general protection fault|invalid opcode|Kernel panic|\\bRIP: |Out of memory: ");

    private static final int CAUSES = 4;
    private static final int LAST_LINES = 3;

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

    /**
     * What a fault's message says of the console, on one line: the lines in which the kernel says why it could not go on,
     * or else the last ones. Empty when the console was silent.
     */
    String gist() {
        List<String> lines = text().lines().filter(line -> !line.isBlank()).toList();
        List<String> causes = lines.stream()
                .filter(line -> CAUSE.matcher(line).find())
                .limit(CAUSES)
                .toList();
        return String.join(
                " | ", causes.isEmpty() ? lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()) : causes);
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
