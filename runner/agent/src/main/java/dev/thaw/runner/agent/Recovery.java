package dev.thaw.runner.agent;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.records.JobRecord;
import dev.thaw.runner.records.JobRecords;
import dev.thaw.runner.records.Retention;
import java.time.Clock;
import java.time.Duration;

/** What a start does about the jobs of an agent that is no more: each goes on, or is told to have ended. */
final class Recovery {
    private static final System.Logger LOG = System.getLogger(Recovery.class.getName());

    private final JobBody body;
    private final JobRecords records;
    private final JobFolders folders;
    private final Endings endings;
    private final Intake intake;
    private final Duration longestWait;
    private final Clock clock;

    Recovery(
            JobBody body,
            JobRecords records,
            JobFolders folders,
            Endings endings,
            Intake intake,
            Duration longestWait,
            Clock clock) {
        this.body = body;
        this.records = records;
        this.folders = folders;
        this.endings = endings;
        this.intake = intake;
        this.longestWait = longestWait;
        this.clock = clock;
    }

    /** Before anybody can ask for anything. */
    void run() throws RunnerException {
        Retention.sweep(records, folders)
                .forEach(id -> LOG.log(
                        System.Logger.Level.INFO, "removed the files of job {0}, of which no record tells", id));
        for (JobRecord job : records.unfinished()) {
            folders.open(job.submission().id());
            if (job.state() != JobState.RUNNING || endings.cutOff(job, "the agent died while the job ran")) {
                goOn(records.find(job.submission().id()).orElse(job));
            }
        }
    }

    private void goOn(JobRecord job) {
        try {
            intake.place(job, body.demand(job.submission().spec()), Deadline.in(left(job)));
        } catch (RunnerException e) {
            // Its template went away meanwhile.
            endings.settle(
                    job.submission().id(), JobEnding.of(e, Stopwatch.start().timings()));
        }
    }

    /** A clock that was set back lets nobody wait for longer than anybody may. */
    private Duration left(JobRecord job) {
        Duration left = Duration.between(clock.instant(), job.submission().startBy());
        return left.compareTo(longestWait) > 0 ? longestWait : left;
    }
}
