package dev.thaw.runner.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.AgentReceipt;
import dev.thaw.runner.client.JobStory;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How many jobs a minute an agent gets through that are submitted at once, beside the floor script run by as many
 * processes as the agent has guests. Both are timed from the first start to the last end; half of the script's runs come
 * before the jobs, half after them.
 */
public final class AgentJobsBench {
    private static final Duration FLOOR_LIMIT = Duration.ofSeconds(60);
    private static final int CLIENTS = 4;

    private final Subprocess subprocess;
    private final Path floorScript;

    public AgentJobsBench(Subprocess subprocess, Path floorScript) {
        this.subprocess = subprocess;
        this.floorScript = floorScript;
    }

    /**
     * What was measured.
     *
     * @param atOnce guests of the agent, and processes of the script
     * @param green jobs that ended with 0, having run once
     * @param lost jobs that were submitted and that the agent does not list, or lists and nobody submitted
     * @param twice jobs that ran more than once
     * @param jobsPerMinute from the first submission to the last end
     * @param floorPerMinute runs of the script
     * @param before after some jobs that are not counted
     * @param after at the end
     */
    public record Report(
            String accelerator,
            int jobs,
            int atOnce,
            int green,
            int lost,
            int twice,
            double jobsPerMinute,
            double floorPerMinute,
            OwnMemory before,
            OwnMemory after) {
        /** Jobs over runs of the script. */
        public double ratio() {
            return jobsPerMinute / floorPerMinute;
        }
    }

    /** Measures an agent that has no jobs yet. */
    public Report run(Template template, AgentClient client, int jobs, int atOnce)
            throws RunnerException, InterruptedException {
        // What the first ones find cold, neither side is to pay for.
        for (AgentReceipt first : submitted(client, template, atOnce)) {
            runs(client, first);
        }
        floorSeconds(template, atOnce, atOnce);
        int before = client.jobs(Optional.empty(), Optional.empty(), Integer.MAX_VALUE)
                .size();
        OwnMemory memory = OwnMemory.now();
        double floor = floorSeconds(template, jobs / 2, atOnce);
        long began = System.nanoTime();
        List<AgentReceipt> receipts = submitted(client, template, jobs);
        var runs = new ArrayList<Integer>();
        for (AgentReceipt receipt : receipts) {
            runs.add(runs(client, receipt));
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        floor += floorSeconds(template, jobs - jobs / 2, atOnce);
        var listed = new HashSet<Object>();
        client.jobs(Optional.empty(), Optional.empty(), Integer.MAX_VALUE).forEach(job -> listed.add(job.id()));
        int unlisted = (int) receipts.stream()
                .filter(receipt -> !listed.contains(receipt.job().id()))
                .count();
        return new Report(
                template.accelerator(),
                jobs,
                atOnce,
                (int) runs.stream().filter(count -> count == 1).count(),
                unlisted + Math.abs(listed.size() - before - jobs),
                (int) runs.stream().filter(count -> count > 1).count(),
                jobs * 60 / seconds,
                jobs * 60 / floor,
                memory,
                OwnMemory.now());
    }

    private static List<AgentReceipt> submitted(AgentClient client, Template template, int jobs)
            throws RunnerException, InterruptedException {
        ObjectNode order = new JsonMapper().createObjectNode();
        order.putObject("spec")
                .put("template", template.name())
                .putArray("steps")
                .addObject()
                .putArray("command")
                .add("true");
        return together(CLIENTS, jobs, () -> client.submit(order));
    }

    /** How often the job ran, when it is over; 0 if it did not end well. */
    private static int runs(AgentClient client, AgentReceipt receipt) throws RunnerException, InterruptedException {
        int runs = 0;
        try (JobStory story = client.follow(receipt.job().id(), receipt.jobToken(), 0)) {
            for (Optional<JobEvent> event = story.next(); event.isPresent(); event = story.next()) {
                if (event.get() instanceof JobEvent.Moved moved && moved.state() == JobState.RUNNING) {
                    runs++;
                } else if (event.get() instanceof JobEvent.Ended ended
                        && (!ended.ending().outcome().equals("finished")
                                || ended.ending().exitCode() != 0)) {
                    runs = 0;
                }
            }
        }
        return runs;
    }

    private double floorSeconds(Template template, int runs, int atOnce) throws RunnerException, InterruptedException {
        List<String> command =
                List.of("python3", floorScript.toString(), template.directory().toString());
        long began = System.nanoTime();
        together(atOnce, runs, () -> {
            Subprocess.Output output = subprocess.run(command, FLOOR_LIMIT);
            if (output.exitCode() != 0) {
                throw new RunnerException(Fault.HOST, floorScript + " failed: " + output.lastLine());
            }
            return output;
        });
        return (System.nanoTime() - began) / 1e9;
    }

    private static <T> List<T> together(int atOnce, int times, Callable<T> work)
            throws RunnerException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(atOnce);
        try {
            var results = new ArrayList<T>();
            for (Future<T> result : threads.invokeAll(Collections.nCopies(times, work))) {
                results.add(result.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RunnerException fault) {
                throw fault;
            }
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }
}
