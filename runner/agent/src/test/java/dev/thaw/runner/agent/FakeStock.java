package dev.thaw.runner.agent;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.Resources;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Guests that wait, which are none. */
final class FakeStock implements StandbyStock {
    final List<String> events = new CopyOnWriteArrayList<>();
    /** Template → its snapshot; what is not here is not published. */
    final Map<String, String> published = new ConcurrentHashMap<>();

    private final List<Template> waiting = new ArrayList<>();
    private volatile Runnable told = () -> {};
    private boolean closed;
    volatile int dead;
    volatile boolean broken;

    static Template template(String name, Size size, String snapshot) {
        return new Template(
                Path.of("/templates/" + name),
                name,
                name,
                size,
                Instant.EPOCH,
                Map.of(),
                List.of(),
                snapshot,
                1000,
                0,
                Map.of());
    }

    /** A template is published, and somebody says that something has changed. */
    void publish(String template, String snapshot) {
        published.put(template, snapshot);
        told.run();
    }

    /** A job comes for a guest. */
    void claim() {
        synchronized (this) {
            waiting.remove(0);
        }
        told.run();
    }

    @Override
    public Size size(String template, Resources wanted) throws RunnerException {
        if (template.equals("nothing")) {
            throw new RunnerException(Fault.NO_TEMPLATE, "there is no template nothing");
        }
        ByteSize memory = wanted.memory();
        return new Size(2, memory == null ? new ByteSize(1L << 30) : memory);
    }

    @Override
    public Optional<Template> published(String template, Size size) throws RunnerException {
        String snapshot = published.getOrDefault(template, "");
        if (snapshot.equals("damaged")) {
            throw new RunnerException(Fault.TEMPLATE_DAMAGED, "it is damaged");
        }
        return snapshot.isEmpty() ? Optional.empty() : Optional.of(template(template, size, snapshot));
    }

    @Override
    public synchronized List<Template> waiting() {
        return List.copyOf(waiting);
    }

    @Override
    public synchronized void prepare(Template template) throws RunnerException {
        if (broken) {
            throw new RunnerException(Fault.RESTORE, "QEMU does not answer");
        }
        events.add("prepare " + template.name() + template.nonceSha256());
        if (!closed) {
            waiting.add(template);
        }
    }

    @Override
    public synchronized void drop(Template template) {
        events.add("drop " + template.name() + template.nonceSha256());
        waiting.remove(template);
    }

    @Override
    public int dropDead() {
        int were = dead;
        dead = 0;
        for (int i = 0; i < were; i++) {
            synchronized (this) {
                waiting.remove(0);
            }
        }
        return were;
    }

    @Override
    public long hits() {
        return 3;
    }

    @Override
    public long misses() {
        return 4;
    }

    @Override
    public void whenChanged(Runnable whom) {
        told = whom;
    }

    @Override
    public synchronized void close() {
        closed = true;
        waiting.clear();
        events.add("close");
    }
}
