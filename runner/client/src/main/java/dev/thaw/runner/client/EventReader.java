package dev.thaw.runner.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * One connection's server-sent events, read by a thread of its own: an interrupt does not wake a thread that reads the
 * body of an {@code HttpClient}'s response, and whoever follows a job must be able to stop.
 */
final class EventReader implements AutoCloseable {
    /** A chunk of a log has up to 64 KiB, a third more in base64. */
    private static final int AHEAD = 16;

    private static final String ID = "id: ";
    private static final String DATA = "data: ";

    private final InputStream stream;
    private final BlockingQueue<Item> items = new ArrayBlockingQueue<>(AHEAD);
    private final Thread thread = new Thread(this::read, "job-events");

    EventReader(InputStream stream) {
        this.stream = stream;
        thread.setDaemon(true);
        thread.start();
    }

    /** What the thread has read: an event, the end of the stream, or why it can read no more. */
    private sealed interface Item {
        record Read(Event event) implements Item {}

        record End() implements Item {}

        record Failed(IOException why) implements Item {}
    }

    /** One event: its data, and where the story goes on behind it. */
    record Event(long next, String data) {}

    /** The next event; empty at the end of the stream. */
    Optional<Event> next() throws IOException, InterruptedException {
        Item item = items.take();
        if (item instanceof Item.Read read) {
            return Optional.of(read.event());
        }
        if (item instanceof Item.Failed failed) {
            throw new IOException(failed.why().getMessage(), failed.why());
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            stream.close();
        } catch (IOException e) {
            // It is of no use any more.
            return;
        }
    }

    private void read() {
        try {
            try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                read(lines);
                items.put(new Item.End());
            } catch (IOException | NumberFormatException e) {
                items.put(new Item.Failed(new IOException(String.valueOf(e.getMessage()), e)));
            }
        } catch (InterruptedException e) {
            // Nobody wants any more of them.
            return;
        }
    }

    private void read(BufferedReader lines) throws IOException, InterruptedException {
        long next = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(ID)) {
                next = Long.parseLong(line.substring(ID.length()));
            } else if (line.startsWith(DATA)) {
                items.put(new Item.Read(new Event(next, line.substring(DATA.length()))));
            }
        }
    }
}
