package dev.thaw.runner.bench;

import dev.thaw.runner.execution.JobExecution;
import dev.thaw.runner.execution.JobRequest;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.Step;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How long it takes from the claim to the first command, beside the floor: the same snapshot restored and one command
 * run by a script of its own, with nothing of ours on the host. Both in turns, so that a noisy host is noisy for both.
 */
public final class StartBench {
    private static final Duration FLOOR_LIMIT = Duration.ofSeconds(60);

    private final JobExecution execution;
    private final Subprocess subprocess;
    private final Path floorScript;

    public StartBench(JobExecution execution, Subprocess subprocess, Path floorScript) {
        this.execution = execution;
        this.subprocess = subprocess;
        this.floorScript = floorScript;
    }

    /**
     * What was measured.
     *
     * @param accelerator what guests ran on
     * @param runs how many of each
     * @param start claim → first command, through everything a job goes through
     * @param floor the same by the script
     * @param coldBootMillis boot until Docker answers, when the template was made
     */
    public record Report(String accelerator, int runs, Quantiles start, Quantiles floor, long coldBootMillis) {}

    /** Measures; the first round of each, which finds cold caches, is not counted. */
    public Report run(Template template, int runs) throws RunnerException, InterruptedException {
        var starts = new ArrayList<Double>();
        var floors = new ArrayList<Double>();
        for (int round = 0; round <= runs; round++) {
            double floor = floor(template);
            double start = start(template);
            if (round > 0) {
                floors.add(floor);
                starts.add(start);
            }
        }
        return new Report(
                template.accelerator(), runs, Quantiles.of(starts), Quantiles.of(floors), template.coldBootMillis());
    }

    private double start(Template template) throws RunnerException {
        JobSpec spec = JobSpec.DEFAULT.withSteps(List.of(new Step("true", List.of("true"))));
        JobResult result = execution.run(new JobRequest(
                JobId.random(),
                spec,
                template,
                Optional.empty(),
                new JobStreams(null, OutputSink.DISCARD, OutputSink.DISCARD),
                Optional.empty()));
        if (result.outcome().exitCode() != 0) {
            throw new RunnerException(Fault.RESTORE, "'true' ended with " + result.outcome());
        }
        return result.timings()
                .at(Phase.FIRST_EXEC)
                .orElseThrow(() -> new RunnerException(Fault.RESTORE, "'true' was not started"));
    }

    private double floor(Template template) throws RunnerException, InterruptedException {
        var output = subprocess.run(
                List.of("python3", floorScript.toString(), template.directory().toString()), FLOOR_LIMIT);
        try {
            return Double.parseDouble(output.stdout().strip());
        } catch (NumberFormatException e) {
            throw new RunnerException(Fault.HOST, floorScript + " failed: " + output.lastLine(), e);
        }
    }
}
