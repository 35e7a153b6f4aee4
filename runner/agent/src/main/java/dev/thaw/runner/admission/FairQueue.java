package dev.thaw.runner.admission;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who is next. Of the clients that wait the turn is of the one with the fewest running jobs, then of the one whose last
 * turn was longest ago; among a client's own jobs the one of the highest priority, then the oldest. Nobody is passed
 * over because somebody else is smaller, so a large job is not starved by small ones. For one thread at a time.
 *
 * @param <T> what is waited for
 */
public final class FairQueue<T> {
    private final Map<String, Client<T>> clients = new TreeMap<>();
    private final Map<T, Ticket<T>> tickets = new HashMap<>();
    private long turns;

    /**
     * A place in the queue.
     *
     * @param number the order in which they came
     */
    public record Ticket<T>(T job, String client, int priority, long number) {}

    private static final class Client<T> {
        private final NavigableSet<Ticket<T>> waiting =
                new TreeSet<>(Comparator.comparingInt((Ticket<T> ticket) -> -ticket.priority())
                        .thenComparingLong(Ticket::number));
        private int running;
        private long lastTurn;

        private int running() {
            return running;
        }

        private long lastTurn() {
            return lastTurn;
        }
    }

    /** Somebody waits. */
    public void add(Ticket<T> ticket) {
        if (tickets.putIfAbsent(ticket.job(), ticket) != null) {
            throw new IllegalArgumentException(ticket + " waits already");
        }
        client(ticket.client()).waiting.add(ticket);
    }

    /** Whose turn it is; empty if nobody waits. The place is kept. */
    public Optional<T> head() {
        return turn().map(client -> client.waiting.first().job());
    }

    /** The job at the head starts to run. */
    public void start() {
        Client<T> client = turn().orElseThrow(() -> new IllegalStateException("nobody waits"));
        Ticket<T> ticket = client.waiting.first();
        client.waiting.remove(ticket);
        tickets.remove(ticket.job());
        client.running++;
        client.lastTurn = ++turns;
    }

    /** One of a client's jobs runs no longer. */
    public void ended(String name) {
        Client<T> client = client(name);
        client.running--;
        if (client.running == 0 && client.waiting.isEmpty()) {
            clients.remove(name);
        }
    }

    /** Gives up a place; false if there is none. */
    public boolean remove(T job) {
        Ticket<T> ticket = tickets.remove(job);
        return ticket != null && client(ticket.client()).waiting.remove(ticket);
    }

    /** All that wait, in no order. */
    public List<T> waiting() {
        return new ArrayList<>(tickets.keySet());
    }

    private Optional<Client<T>> turn() {
        return clients.values().stream()
                .filter(client -> !client.waiting.isEmpty())
                .min(Comparator.comparingInt((Client<T> client) -> client.running())
                        .thenComparingLong(Client::lastTurn));
    }

    private Client<T> client(String name) {
        return clients.computeIfAbsent(name, unused -> new Client<>());
    }
}
