package dev.thaw.runner.agent;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobOutcome;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.records.EventLog;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.records.JobRecord;
import dev.thaw.runner.records.JobRecords;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** What happens to a job from its turn to its end, all of it written down. */
final class JobRun implements Dispatcher.Runs {
    private static final System.Logger LOG = System.getLogger(JobRun.class.getName());
    /** Once, and once more if the first time the agent went away. */
    static final int MOST_ATTEMPTS = 2;

    private final JobBody body;
    private final JobRecords records;
    private final JobFolders folders;
    private final Checkouts checkouts;
    private final JobSessions sessions;
    private final Endings endings;
    private final AgentMetrics metrics;
    private final Clock clock;
    private final AtomicBoolean stopping = new AtomicBoolean();

    JobRun(
            JobBody body,
            JobRecords records,
            JobFolders folders,
            Checkouts checkouts,
            JobSessions sessions,
            Endings endings,
            AgentMetrics metrics,
            Clock clock) {
        this.body = body;
        this.records = records;
        this.folders = folders;
        this.checkouts = checkouts;
        this.sessions = sessions;
        this.endings = endings;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** From now on a job that is interrupted was not cancelled: its agent goes away. */
    void stopping() {
        stopping.set(true);
    }

    @Override
    public void run(JobRecord job) {
        JobId id = job.submission().id();
        Optional<EventLog> events = folders.live(id);
        if (events.isEmpty()) {
            throw new IllegalStateException("job " + id + " has no events to write to");
        }
        Stopwatch stopwatch = Stopwatch.start((phase, millis) -> {
            metrics.reached(phase, millis);
            note(events.get(), new JobEvent.Reached(phase, millis));
        });
        JobEnding ending = ending(job, events.get(), stopwatch);
        // What comes now must be written, and whoever has interrupted this thread has been heard.
        Thread.interrupted();
        if (cutOff(ending)) {
            leave(job);
        } else {
            endings.settle(id, ending);
        }
    }

    private boolean cutOff(JobEnding ending) {
        return stopping.get() && ending.outcome().equals(new JobOutcome.Cancelled().word());
    }

    @Override
    public void expire(JobRecord job) {
        String what = job.submission().archive()
                ? "the job did not begin in time, or its workspace did not come"
                : "the job did not begin in time";
        endings.settle(
                job.submission().id(),
                JobEnding.of(
                        new RunnerException(
                                Fault.DEADLINE,
                                what + ": it was to begin by "
                                        + job.submission().startBy() + "; submit it again"),
                        Stopwatch.start().timings()));
    }

    private JobEnding ending(JobRecord job, EventLog events, Stopwatch stopwatch) {
        try {
            JobId id = job.submission().id();
            records.started(id);
            events.append(new JobEvent.Moved(JobState.RUNNING, job.attempts() + 1, clock.instant()));
            OutputStream stdout = output(events, JobEvent.Stream.STDOUT);
            OutputStream stderr = output(events, JobEvent.Stream.STDERR);
            JobSession session = sessions.of(job.submission());
            var work = new JobBody.Work(
                    id,
                    job.submission().spec(),
                    workspace(job, events),
                    stdout,
                    stderr,
                    artifacts(id),
                    stopwatch,
                    new JobBody.Session(
                            session.begin(new JobSession.Outputs(stdout, stderr, event -> note(events, event))),
                            session));
            return JobEnding.of(body.run(work));
        } catch (InterruptedException e) {
            return JobEnding.cancelled();
        } catch (RunnerException e) {
            return JobEnding.of(e, stopwatch.timings());
        } catch (IOException e) {
            return JobEnding.of(
                    new RunnerException(Fault.NO_SPACE, "cannot write the job's events: " + e.getMessage(), e),
                    stopwatch.timings());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "running job " + job.submission().id(), e);
            return JobEnding.of(
                    new RunnerException(Fault.HOST, "a bug of the agent's; its log has more", e), stopwatch.timings());
        }
    }

    private Optional<Path> workspace(JobRecord job, EventLog events)
            throws RunnerException, IOException, InterruptedException {
        JobId id = job.submission().id();
        if (job.submission().git().isEmpty()) {
            return job.submission().archive() ? Optional.of(folders.workspace(id)) : Optional.empty();
        }
        Deadline deadline = Deadline.in(job.submission().spec().timeout());
        JobEvent.Fetched fetched = checkouts.fetch(id, job.submission().git().get(), deadline);
        events.append(fetched);
        return Optional.of(folders.checkout(id));
    }

    private Path artifacts(JobId id) throws IOException {
        Path directory = folders.artifacts(id);
        Files.createDirectories(directory);
        return directory;
    }

    /** The agent goes away while the job runs: what a start after a crash does with such jobs is done now. */
    private void leave(JobRecord job) {
        try {
            endings.cutOff(records.find(job.submission().id()).orElse(job), "the agent was stopped while the job ran");
        } catch (RunnerException e) {
            LOG.log(System.Logger.Level.WARNING, "left to the next start: {0}", e.getMessage());
        }
    }

    private static void note(EventLog events, JobEvent event) {
        try {
            events.append(event);
        } catch (IOException e) {
            // A phase that is not told of is no reason to end a build; its output, which comes next, is.
            LOG.log(System.Logger.Level.WARNING, "cannot write an event: {0}", e.getMessage());
        }
    }

    private static OutputStream output(EventLog events, JobEvent.Stream stream) {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                events.append(stream, bytes, offset, length);
            }
        };
    }
}
