package dev.thaw.runner.agent;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.records.EventLog;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.records.JobRecord;
import dev.thaw.runner.records.JobRecords;
import dev.thaw.runner.records.Submission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** How jobs end: on the disk first, and then to whoever follows. */
final class Endings {
    private static final System.Logger LOG = System.getLogger(Endings.class.getName());
    /** A full disk may have room again; a job's end is worth waiting for. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final JobRecords records;
    private final JobFolders folders;
    private final JobSessions sessions;
    private final AgentMetrics metrics;
    private final Clock clock;

    Endings(JobRecords records, JobFolders folders, JobSessions sessions, AgentMetrics metrics, Clock clock) {
        this.records = records;
        this.folders = folders;
        this.sessions = sessions;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** The job is over. Never throws: what cannot be written is tried again, and left to the next start in the end. */
    void settle(JobId id, JobEnding ending) {
        sessions.end(id);
        Optional<EventLog> events = folders.live(id);
        try {
            // It can be fetched again, should the job run once more.
            JobDirectory.deleteTree(folders.checkout(id));
            if (events.isPresent()) {
                events.get().sync();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "settling job {0}: {1}", id, e.getMessage());
        }
        boolean recorded = record(id, ending);
        // Not before: an agent that is killed in between runs the job once more, if it may, and with its workspace.
        folders.dropWorkspace(id);
        if (recorded && events.isPresent()) {
            try {
                events.get().append(new JobEvent.Ended(ending, clock.instant()));
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the end of job {0} is in its record alone: {1}",
                        id,
                        e.getMessage());
            }
        }
        folders.close(id);
        metrics.ended(ending);
        LOG.log(
                System.Logger.Level.INFO,
                "job {0}: {1}, exit code {2}",
                id,
                ending.outcome(),
                Integer.toString(ending.exitCode()));
    }

    private boolean record(JobId id, JobEnding ending) {
        Deadline deadline = Deadline.in(PATIENCE);
        while (true) {
            try {
                records.ended(id, ending, folders.bytes(id));
                return true;
            } catch (RunnerException e) {
                LOG.log(System.Logger.Level.ERROR, "cannot write down the end of job {0}: {1}", id, e.getMessage());
                // It may be what fills the disk.
                folders.dropWorkspace(id);
                if (deadline.passed() || Thread.currentThread().isInterrupted()) {
                    return false;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    /**
     * A job whose agent went away while it ran: it waits once more if its owner said that it may, or is over.
     *
     * @return whether it waits
     */
    boolean cutOff(JobRecord job, String why) throws RunnerException {
        Submission asked = job.submission();
        if (!asked.rerun() || job.attempts() >= JobRun.MOST_ATTEMPTS) {
            settle(asked.id(), JobEnding.interrupted(why + "; submit it again"));
            return false;
        }
        clear(folders.artifacts(asked.id()));
        records.queued(asked.id());
        Optional<EventLog> events = folders.live(asked.id());
        try {
            if (events.isPresent()) {
                events.get().append(new JobEvent.Moved(JobState.QUEUED, job.attempts(), clock.instant()));
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot write an event: {0}", e.getMessage());
        }
        return true;
    }

    private static void clear(Path directory) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "clearing {0}: {1}", directory, e.getMessage());
        }
    }
}
