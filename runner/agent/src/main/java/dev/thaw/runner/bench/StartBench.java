package dev.thaw.runner.bench;

import dev.thaw.runner.execution.JobExecution;
import dev.thaw.runner.execution.JobRequest;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.execution.StandbyGuests;
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
    private final StandbyGuests standby;
    private final Subprocess subprocess;
    private final Path floorScript;

    /**
     * A bench of whole jobs.
     *
     * @param standby where their guests come from
     */
    public StartBench(JobExecution execution, StandbyGuests standby, Subprocess subprocess, Path floorScript) {
        this.execution = execution;
        this.standby = standby;
        this.subprocess = subprocess;
        this.floorScript = floorScript;
    }

    /**
     * What was measured.
     *
     * @param accelerator what guests ran on
     * @param runs how many of each
     * @param standby whether guests had waited for their claim
     * @param start claim → first command, through everything a job goes through
     * @param floor the same by the script
     * @param coldBootMillis boot until Docker answers, when the template was made
     */
    public record Report(
            String accelerator, int runs, boolean standby, Quantiles start, Quantiles floor, long coldBootMillis) {}

    /** Measures guests that are restored for their job. */
    public Report run(Template template, int runs) throws RunnerException, InterruptedException {
        return run(template, runs, false);
    }

    /** Measures guests that wait, one for each job, made before its claim. */
    public Report runStandby(Template template, int runs) throws RunnerException, InterruptedException {
        try {
            return run(template, runs, true);
        } finally {
            standby.close();
        }
    }

    /** The first round of each, which finds cold caches, is not counted. */
    private Report run(Template template, int runs, boolean waiting) throws RunnerException, InterruptedException {
        var starts = new ArrayList<Double>();
        var floors = new ArrayList<Double>();
        for (int round = 0; round <= runs; round++) {
            double floor = floor(template);
            double start = waiting ? startOfOneThatWaits(template) : start(template);
            if (round > 0) {
                floors.add(floor);
                starts.add(start);
            }
        }
        return new Report(
                template.accelerator(),
                runs,
                waiting,
                Quantiles.of(starts),
                Quantiles.of(floors),
                template.coldBootMillis());
    }

    private double startOfOneThatWaits(Template template) throws RunnerException, InterruptedException {
        standby.prepare(template);
        long hits = standby.hits();
        double start = start(template);
        if (standby.hits() == hits) {
            throw new RunnerException(
                    Fault.RESTORE, "the job's guest was not the one that waited; see the lines above");
        }
        return start;
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
