package dev.thaw.runner.it;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.workspace.WorkspacePacker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Clients of one agent, each with one job after the other, for as long as there is an agent: when it is killed they wait
 * for the next one, and go on where they were.
 */
final class AgentLoad implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String BEGIN = "read -r u < /proc/sys/kernel/random/uuid; echo \"begin $u\"\n";
    private static final String GIVEN = "what the workspace has\n";

    /** Jobs by their id. */
    final Map<String, AgentLoadClient> jobs = new ConcurrentHashMap<>();
    /** Jobs that are over, as the agent told of them then. */
    final Map<String, String> over = new ConcurrentHashMap<>();
    /** What went wrong while an agent was there. */
    final List<String> wrong = new CopyOnWriteArrayList<>();
    /** Submissions that were sent and not answered yet. */
    final AtomicInteger unanswered = new AtomicInteger();

    private final byte[] workspace;
    private final Random random;
    private final List<Thread> clients = new ArrayList<>();
    private @Nullable RealAgent agent;
    private int waiting;
    private int number;
    private boolean ending;

    AgentLoad(Path work, Random random, int size) throws Exception {
        this.random = random;
        Path tree = Files.createDirectory(work.resolve("tree"));
        Files.writeString(tree.resolve("given.txt"), GIVEN);
        var archive = new ByteArrayOutputStream();
        new WorkspacePacker().pack(tree, archive);
        workspace = archive.toByteArray();
        for (int i = 0; i < size; i++) {
            var client = new Thread(this::work, "client-" + i);
            clients.add(client);
            client.start();
        }
    }

    byte[] workspace() {
        return workspace;
    }

    private void work() {
        try {
            for (AgentLoadClient job = next(); job != null; job = next()) {
                job.run();
            }
        } catch (InterruptedException e) {
            return;
        } catch (Exception | AssertionError e) {
            wrong.add("a client of the agent: " + e);
        }
    }

    private synchronized @Nullable AgentLoadClient next() {
        return ending ? null : new AgentLoadClient(this, "key-" + ++number, order());
    }

    /** One job, of one of seven kinds. */
    private AgentLoadClient.Order order() {
        String name = "job " + number;
        int code = random.nextInt(3);
        boolean rerun = random.nextInt(5) < 2;
        return switch (random.nextInt(7)) {
            case 0, 1 -> plain("echo " + name, name + "\n", code, rerun);
            case 2 ->
                plain(
                        "for i in 1 2 3 4 5 6 7 8; do echo \"" + name + " $i\"; sleep 0.3; done",
                        lines(name, 1, 8),
                        code,
                        rerun);
            case 3 ->
                plain(
                        "i=0; while [ $i -lt 3000 ]; do echo \"" + name + " $i\"; i=$((i+1)); done",
                        lines(name, 0, 2999),
                        code,
                        rerun);
            case 4 -> archive(plain("cat given.txt; sleep 0.3; cat given.txt", GIVEN + GIVEN, code, rerun));
            case 5 -> held(plain("echo " + name + "; sleep 0.5", name + "\n", 0, false));
            case 6 -> typed(plain("cat", name + "\n", code, false), name + "\n");
            default -> throw new AssertionError();
        };
    }

    private static String lines(String name, int first, int last) {
        var text = new StringBuilder();
        for (int i = first; i <= last; i++) {
            text.append(name).append(' ').append(i).append('\n');
        }
        return text.toString();
    }

    private static AgentLoadClient.Order plain(String script, String text, int code, boolean rerun) {
        ObjectNode body = RealAgent.order(BEGIN + script + "\necho end\nexit " + code);
        body.put("rerun", rerun);
        return new AgentLoadClient.Order(body, new AgentInvariants.Asked(rerun, text, code), null, null);
    }

    private static AgentLoadClient.Order archive(AgentLoadClient.Order order) {
        order.body().put("workspace", "archive");
        return order;
    }

    /** The step is not in the job, but sent to its guest. */
    private static AgentLoadClient.Order held(AgentLoadClient.Order order) {
        String script =
                order.body().path("spec").path("steps").path(0).path("run").asText();
        ObjectNode body = JSON.createObjectNode();
        body.putObject("spec");
        body.putObject("hold").put("when", "always").put("idle", "5m");
        return new AgentLoadClient.Order(body, order.asked(), script, null);
    }

    private static AgentLoadClient.Order typed(AgentLoadClient.Order order, String input) {
        order.body().put("stdin", true);
        return new AgentLoadClient.Order(order.body(), order.asked(), null, input);
    }

    /** The agent, as soon as there is one. */
    synchronized RealAgent agent() throws InterruptedException {
        waiting++;
        notifyAll();
        try {
            while (agent == null) {
                wait();
            }
            return agent;
        } finally {
            waiting--;
        }
    }

    /** Somebody's connection broke: which is so only if the agent is to be killed. */
    synchronized void lost(RealAgent by, IOException e) {
        if (by == agent) {
            wrong.add("a connection to an agent that nobody has killed broke: " + e);
        }
    }

    synchronized void serve(RealAgent next) {
        agent = next;
        notifyAll();
    }

    /** From now on a connection may break. */
    synchronized void expectKill() {
        agent = null;
    }

    /** Until all have noticed. */
    void awaitQuiet() throws Exception {
        Runner.await("all clients have noticed", Duration.ofSeconds(30), this::quiet);
    }

    private synchronized boolean quiet() {
        return waiting == clients.stream().filter(Thread::isAlive).count();
    }

    /** Lets everybody come to the end of the job that they have. */
    void finish() throws Exception {
        synchronized (this) {
            ending = true;
        }
        Runner.await(
                "the last jobs are over",
                Duration.ofMinutes(4),
                () -> clients.stream().noneMatch(Thread::isAlive));
    }

    @Override
    public void close() throws InterruptedException {
        for (Thread client : clients) {
            client.interrupt();
        }
        for (Thread client : clients) {
            client.join(10_000);
        }
    }
}
