package dev.thaw.runner.it;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.runner.job.JobEndingText;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What must hold of an agent's jobs whenever it was killed. Each method says what does not; nothing is good. */
final class AgentInvariants {
    private static final String BEGIN = "begin ";
    private static final int UUID_LENGTH = 36;

    private AgentInvariants() {}

    /**
     * What somebody asked for. What a guest prints is one line {@code begin UUID}, with a UUID that no other run of a
     * job has; then the text, then {@code end}.
     */
    record Asked(boolean rerun, String text, int exitCode) {
        int mostAttempts() {
            return rerun ? 2 : 1;
        }
    }

    /** Jobs that are over are what they were, byte by byte. */
    static List<String> unchanged(Map<String, String> before, Map<String, String> now) {
        return before.entrySet().stream()
                .filter(job -> !job.getValue().equals(now.get(job.getKey())))
                .map(job ->
                        "finished job " + job.getKey() + " was " + job.getValue() + " and is " + now.get(job.getKey()))
                .toList();
    }

    /** Nobody's job is lost, and none is there that nobody knows of, but for submissions that were not answered. */
    static List<String> complete(Set<String> known, Set<String> listed, int unanswered) {
        var wrong = new ArrayList<String>();
        known.stream().filter(id -> !listed.contains(id)).forEach(id -> wrong.add("job " + id + " is lost"));
        Set<String> more = new TreeSet<>(listed);
        more.removeAll(known);
        if (more.size() > unanswered) {
            wrong.add("jobs of nobody: " + more + ", not answered: " + unanswered);
        }
        return wrong;
    }

    /** A start has dealt with what ran at the kill. */
    static List<String> dealtWith(Asked asked, JsonNode job, Instant killed) {
        var wrong = new ArrayList<String>(attempts(asked, job));
        String state = job.path("state").asText();
        if (state.equals("running")
                && Instant.parse(job.path("started").asText()).isBefore(killed)) {
            wrong.add("runs since before the kill at " + killed + ": " + job);
        }
        if (state.equals("ended")) {
            wrong.addAll(ended(asked, job));
        }
        return wrong;
    }

    private static List<String> attempts(Asked asked, JsonNode job) {
        return job.path("attempts").asInt() <= asked.mostAttempts() ? List.of() : List.of("ran too often: " + job);
    }

    private static List<String> ended(Asked asked, JsonNode job) {
        JsonNode ending = job.path("ending");
        int attempts = job.path("attempts").asInt();
        return switch (ending.path("outcome").asText()) {
            case "finished" ->
                ending.path("exit_code").asInt() == asked.exitCode() && attempts > 0
                        ? List.of()
                        : List.of("finished otherwise than it should: " + job);
            case "interrupted" ->
                attempts == asked.mostAttempts()
                                && ending.path("fault").path("retryable").asBoolean()
                        ? List.of()
                        : List.of("interrupted though it had not run, might run again, or cannot be retried: " + job);
            default -> List.of("ended in a way that no kill is a reason for: " + job);
        };
    }

    /** The whole story of a job that is over fits what was asked, and its record. */
    static List<String> story(Asked asked, JsonNode job, List<JobEvent> events) {
        var wrong = new ArrayList<>(ended(asked, job));
        wrong.addAll(attempts(asked, job));
        List<String> runs = runs(events, wrong);
        if (runs.size() > job.path("attempts").asInt()) {
            wrong.add("the story has " + runs.size() + " runs: " + job);
        }
        runs.stream()
                .filter(run -> !isBeginning(run, asked.text() + "end\n"))
                .forEach(run -> wrong.add("output that is not as it was written: " + run + ", wanted " + asked));
        boolean finished = job.path("ending").path("outcome").asText().equals("finished");
        if (finished && (runs.isEmpty() || !runs.get(runs.size() - 1).endsWith("end\n"))) {
            wrong.add("finished without having run to its end: " + job + runs);
        }
        boolean endsOnce =
                events.stream().filter(JobEvent.Ended.class::isInstance).count() == 1;
        if (!endsOnce
                || !(events.get(events.size() - 1) instanceof JobEvent.Ended end)
                || !JobEndingText.of(end.ending())
                        .toString()
                        .equals(job.path("ending").toString())) {
            wrong.add("the story's end is not the record's: " + job);
        }
        return wrong;
    }

    /** What each run of a job in a guest has printed. */
    static List<String> runs(List<JobEvent> events, List<String> wrong) {
        var runs = new ArrayList<StringBuilder>();
        for (JobEvent event : events) {
            if (event instanceof JobEvent.Moved moved && moved.state() == JobState.RUNNING) {
                runs.add(new StringBuilder());
            } else if (event instanceof JobEvent.Log log && runs.isEmpty()) {
                wrong.add("output before the first run: " + log);
            } else if (event instanceof JobEvent.Log log) {
                runs.get(runs.size() - 1).append(new String(log.bytes(), StandardCharsets.UTF_8));
            }
        }
        return runs.stream().map(StringBuilder::toString).toList();
    }

    private static boolean isBeginning(String output, String rest) {
        int first = BEGIN.length() + UUID_LENGTH + 1;
        if (output.length() < first) {
            return BEGIN.startsWith(output) || output.matches(BEGIN + "[0-9a-f-]*");
        }
        return output.substring(0, first).matches(BEGIN + "[0-9a-f-]{" + UUID_LENGTH + "}\n")
                && rest.startsWith(output.substring(first));
    }

    /** No two runs are one: each has a UUID of its own. */
    static List<String> distinct(List<String> runs) {
        List<String> marks = runs.stream()
                .filter(run -> run.length() > BEGIN.length() + UUID_LENGTH)
                .map(run -> run.substring(0, BEGIN.length() + UUID_LENGTH))
                .toList();
        return Set.copyOf(marks).size() == marks.size() ? List.of() : List.of("two runs have one mark: " + marks);
    }

    /** What a follower heard through all kills is the story: nothing is missing, nothing came twice. */
    static List<String> heard(String id, List<String> heard, List<String> story) {
        return heard.equals(story)
                ? List.of()
                : List.of("who followed job " + id + " heard " + heard + " and the story is " + story);
    }

    /** No directory of a guest is from before the kill, and no sockets are without one. */
    static List<String> leftovers(Path jobs, Path runtime, Instant killed) throws IOException {
        var wrong = new ArrayList<String>();
        Set<String> sockets = directories(runtime);
        for (String name : directories(jobs)) {
            sockets.remove(name);
            try {
                Instant made = Files.getLastModifiedTime(jobs.resolve(name).resolve("owner"))
                        .toInstant();
                if (made.isBefore(killed)) {
                    wrong.add("directory " + name + " is of " + made + ", the kill was at " + killed);
                }
            } catch (NoSuchFileException e) {
                wrong.add("directory " + name + " has no owner");
            }
        }
        sockets.forEach(name -> wrong.add("sockets of " + name + ", which is gone"));
        return wrong;
    }

    private static Set<String> directories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return new TreeSet<>();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isDirectory)
                    .map(path -> String.valueOf(path.getFileName()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** An agent's own files have nothing of jobs that are over but their story and artifacts. */
    static List<String> files(Path agentJobs, Set<String> over) {
        return over.stream()
                .flatMap(id -> Stream.of("workspace.tar", "workspace.part").map(agentJobs.resolve(id)::resolve))
                .filter(Files::exists)
                .map(file -> "left: " + file)
                .toList();
    }
}
