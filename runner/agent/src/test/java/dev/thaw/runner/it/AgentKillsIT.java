package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobEventText;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.ProcessStamp;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent under load is killed at moments nobody has chosen, some of them while it starts. After each start everything
 * is as {@link AgentInvariants} has it; {@code AgentInvariantsTest} shows that they would tell.
 *
 * <p>{@code -Dthaw.agentkills.seed=N} and {@code -Dthaw.agentkills.kills=N} repeat or extend a run of the long lane.
 */
class AgentKillsIT {
    private static final long SEED = Long.getLong("thaw.agentkills.seed", 20_260_201L);
    private static final int KILLS = Integer.getInteger("thaw.agentkills.kills", 30);
    private static final int CLIENTS = 6;
    /** A job of seconds, restored and discarded: the moments lie in all of them. */
    private static final int LONGEST_MILLIS = 5_000;
    /** The start of the JVM, what the last one left, the first jobs. */
    private static final int LONGEST_START_MILLIS = 2_500;

    private static final int MANY_KEYS = 12;
    private static final String CONFIG =
            "budget: {cpus: 4, memory: 6GiB}\ndrain: 1s\nstandby: {guests: [{template: docker, count: 1}]}\n";
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path work = Path.of("");

    private Path runtime = Path.of("");

    @BeforeEach
    void beginAnew() throws Exception {
        JobDirectory.deleteTree(RealAgent.DIRECTORY);
        Host.template();
        runtime = Host.home().runtime();
    }

    @AfterEach
    void forget() throws Exception {
        JobDirectory.deleteTree(RealAgent.DIRECTORY);
    }

    @Test
    void whateverItDidAKilledAgentLosesNothingAndLeavesNothing() throws Exception {
        kills(7, 3);
    }

    @Test
    @Tag("full")
    void norDoesOneThatIsKilledManyTimes() throws Exception {
        kills(SEED, KILLS);
    }

    private void kills(long seed, int kills) throws Exception {
        System.out.println("agent kills: seed " + seed + ", " + kills + " kills");
        var random = new Random(seed);
        try (var load = new AgentLoad(work, new Random(random.nextLong()), CLIENTS)) {
            var agent = new RealAgent(work, CONFIG);
            try {
                load.serve(agent);
                for (int kill = 1; kill <= kills; kill++) {
                    int moment = random.nextInt(LONGEST_MILLIS);
                    int start = random.nextInt(LONGEST_START_MILLIS);
                    boolean twice = random.nextInt(4) == 0 && kill < kills;
                    String what = "kill " + kill + " of seed " + seed + ", after " + moment + " ms"
                            + (twice ? ", and the next start after " + start + " ms" : "");
                    assertThat(agent.lives(moment)).describedAs(what).isTrue();
                    Instant killed = kill(load, agent);
                    if (twice) {
                        kill++;
                        RealAgent.startAndKill(work, start);
                        killed = Instant.now();
                    }
                    agent = new RealAgent(work, CONFIG);
                    assertThat(wrongAfter(killed, load, agent))
                            .describedAs(what)
                            .isEmpty();
                    load.serve(agent);
                }
                load.finish();
                assertThat(wrongAtTheEnd(load, agent)).isEmpty();
                assertThat(agent.terminate()).isZero();
                assertThat(Runner.traces(Runner.HOME)).isEmpty();
                assertThat(AgentInvariants.leftovers(Runner.HOME.resolve("jobs"), runtime, Instant.MAX))
                        .isEmpty();
                report(load);
            } finally {
                agent.kill();
            }
        }
    }

    /** When it was dead. */
    private static Instant kill(AgentLoad load, RealAgent agent) throws Exception {
        load.expectKill();
        List<ProcessStamp> guests = guests();
        agent.kill();
        Instant killed = Instant.now();
        load.awaitQuiet();
        // The cage dies with its parent, without anybody's help.
        Runner.await(
                "the dead agent's guests are gone",
                Duration.ofSeconds(20),
                () -> guests.stream()
                        .allMatch(
                                guest -> guest.alive().map(ProcessStamp::ended).orElse(true)));
        return killed;
    }

    private static List<ProcessStamp> guests() {
        return Runner.vmms(Runner.HOME).stream()
                .flatMap(cage -> Stream.concat(Stream.of(cage), cage.descendants()))
                .map(ProcessStamp::of)
                .toList();
    }

    /** While no client does anything. */
    private List<String> wrongAfter(Instant killed, AgentLoad load, RealAgent agent) throws Exception {
        var wrong = new ArrayList<String>(load.wrong);
        Map<String, String> now = jobs(agent, load.jobs.keySet());
        wrong.addAll(AgentInvariants.unchanged(load.over, now));
        for (Map.Entry<String, String> job : now.entrySet()) {
            JsonNode state = JSON.readTree(job.getValue());
            wrong.addAll(AgentInvariants.dealtWith(client(load, job.getKey()).asked(), state, killed));
            if (state.path("state").asText().equals("ended")) {
                load.over.put(job.getKey(), job.getValue());
            }
        }
        wrong.addAll(AgentInvariants.complete(load.jobs.keySet(), listed(agent), load.unanswered.get()));
        wrong.addAll(replayed(load, agent, MANY_KEYS));
        Path directories = Runner.HOME.resolve("jobs");
        Runner.await(
                "nothing is left of the dead agent's guests",
                Duration.ofSeconds(20),
                () -> AgentInvariants.leftovers(directories, runtime, killed).isEmpty());
        return wrong;
    }

    private List<String> wrongAtTheEnd(AgentLoad load, RealAgent agent) throws Exception {
        var wrong = new ArrayList<String>(load.wrong);
        Map<String, String> now = jobs(agent, load.jobs.keySet());
        wrong.addAll(AgentInvariants.unchanged(load.over, now));
        var runs = new ArrayList<String>();
        for (Map.Entry<String, AgentLoadClient> job : load.jobs.entrySet()) {
            List<String> story = story(agent, job.getKey());
            List<JobEvent> events = story.stream()
                    .map(line -> JobEventText.parse(line.substring(line.indexOf(' ') + 1))
                            .orElseThrow())
                    .toList();
            wrong.addAll(AgentInvariants.heard(job.getKey(), job.getValue().heard, story));
            wrong.addAll(AgentInvariants.story(job.getValue().asked(), JSON.readTree(now.get(job.getKey())), events));
            runs.addAll(AgentInvariants.runs(events, wrong));
        }
        wrong.addAll(AgentInvariants.distinct(runs));
        wrong.addAll(AgentInvariants.complete(load.jobs.keySet(), listed(agent), 0));
        wrong.addAll(replayed(load, agent, Integer.MAX_VALUE));
        wrong.addAll(AgentInvariants.files(RealAgent.DIRECTORY.resolve("jobs"), now.keySet()));
        return wrong;
    }

    private static AgentLoadClient client(AgentLoad load, String id) {
        return Optional.ofNullable(load.jobs.get(id)).orElseThrow();
    }

    private static Map<String, String> jobs(RealAgent agent, Set<String> ids) throws Exception {
        var jobs = new TreeMap<String, String>();
        for (String id : ids) {
            jobs.put(id, agent.send("GET", "/v1/jobs/" + id, Optional.empty()).body());
        }
        return jobs;
    }

    private static Set<String> listed(RealAgent agent) throws Exception {
        var ids = new TreeSet<String>();
        String before = "";
        do {
            JsonNode page = agent.json("GET", "/v1/jobs?limit=200" + before, Optional.empty(), 200);
            page.path("jobs").forEach(job -> ids.add(job.path("id").asText()));
            before = page.has("next") ? "&before=" + page.path("next").asText() : "";
        } while (!before.isEmpty());
        return ids;
    }

    /** Submissions that are sent once more are the jobs that they were. */
    private static List<String> replayed(AgentLoad load, RealAgent agent, int most) throws Exception {
        var wrong = new ArrayList<String>();
        for (Map.Entry<String, AgentLoadClient> job :
                load.jobs.entrySet().stream().limit(most).toList()) {
            String again = job.getValue().submitted(agent, 200);
            if (!again.equals(job.getKey())) {
                wrong.add("job " + job.getKey() + " was submitted again and is " + again);
            }
        }
        return wrong;
    }

    private static List<String> story(RealAgent agent, String id) throws Exception {
        var story = new ArrayList<String>();
        try (var lines =
                new BufferedReader(new InputStreamReader(agent.events(id, 0).body(), StandardCharsets.UTF_8))) {
            String next = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    next = line.substring(4);
                } else if (line.startsWith("data: ")) {
                    story.add(next + " " + line.substring(6));
                }
            }
        }
        return story;
    }

    /** The control: kills did come while something was to be killed. */
    private static void report(AgentLoad load) throws Exception {
        var endings = new TreeMap<String, Integer>();
        for (String job : load.over.values()) {
            JsonNode ended = JSON.readTree(job);
            endings.merge(
                    ended.path("ending").path("outcome").asText() + " after "
                            + ended.path("attempts").asInt(),
                    1,
                    Integer::sum);
        }
        System.out.println("agent kills: " + load.over.size() + " jobs: " + endings);
        assertThat(endings.keySet()).contains("finished after 1").hasSizeGreaterThan(1);
    }
}
