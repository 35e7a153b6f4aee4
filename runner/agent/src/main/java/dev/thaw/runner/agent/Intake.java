package dev.thaw.runner.agent;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.api.JobDesk;
import dev.thaw.runner.api.Order;
import dev.thaw.runner.api.Problem;
import dev.thaw.runner.api.ProblemException;
import dev.thaw.runner.api.StepOrder;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.records.Acceptance;
import dev.thaw.runner.records.EventLog;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.records.JobRecord;
import dev.thaw.runner.records.JobRecords;
import dev.thaw.runner.records.Submission;
import dev.thaw.runner.records.Tokens;
import dev.thaw.runner.template.Size;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Takes jobs and their workspaces: written down first, and only then answered. */
final class Intake implements JobDesk {
    private static final System.Logger LOG = System.getLogger(Intake.class.getName());
    private static final int BLOCK = 64 << 10;

    private final JobBody body;
    private final Archive archive;
    private final Dispatcher dispatcher;
    private final StandbyKeeper standby;
    private final Endings endings;
    private final AgentMetrics metrics;
    private final Limits limits;
    private final Clock clock;
    private final Set<JobId> uploading = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Where jobs are written down. */
    record Archive(JobRecords records, JobFolders folders, JobSessions sessions, Tokens tokens) {}

    /** Who has what of the host. */
    record Capacity(Dispatcher dispatcher, StandbyKeeper standby) {}

    /**
     * How much is taken.
     *
     * @param waiting jobs that may wait
     * @param startWithin how long one may, at most
     * @param workspace bytes of an archive
     * @param git where revisions may be fetched from
     */
    record Limits(int waiting, Duration startWithin, ByteSize workspace, GitHosts git) {}

    Intake(
            JobBody body,
            Archive archive,
            Capacity capacity,
            Endings endings,
            AgentMetrics metrics,
            Limits limits,
            Clock clock) {
        this.body = body;
        this.archive = archive;
        this.dispatcher = capacity.dispatcher();
        this.standby = capacity.standby();
        this.endings = endings;
        this.metrics = metrics;
        this.limits = limits;
        this.clock = clock;
    }

    /** Takes no more jobs. */
    void close() {
        closed.set(true);
    }

    @Override
    public boolean ready() {
        return !closed.get();
    }

    @Override
    public Receipt submit(Order order) throws ProblemException {
        if (closed.get()) {
            throw Problem.STOPPING.with("the agent is about to stop; try again at once elsewhere, or here later");
        }
        Demand demand = demand(order);
        Duration within = order.startWithin().orElse(limits.startWithin());
        if (within.compareTo(limits.startWithin()) > 0) {
            throw Problem.CANNOT_RUN.with("jobs may wait for " + limits.startWithin() + " here, asked for: " + within);
        }
        Instant now = Instant.ofEpochMilli(clock.millis());
        var submission = new Submission(
                JobId.random(),
                order.owner(),
                order.spec(),
                order.archive(),
                order.git(),
                order.priority(),
                order.rerun(),
                order.interaction(),
                now,
                now.plus(within),
                order.idempotency());
        try {
            return receipt(archive.records().accept(submission, limits.waiting()), demand, Deadline.in(within));
        } catch (RunnerException e) {
            throw (e.fault() == Fault.NO_SPACE ? Problem.NO_SPACE : Problem.INTERNAL)
                    .with(String.valueOf(e.getMessage()));
        }
    }

    private Demand demand(Order order) throws ProblemException {
        try {
            if (order.git().isPresent()) {
                limits.git().check(order.git().get());
            }
            Demand demand = body.demand(order.spec());
            if (!demand.fits(dispatcher.total())) {
                throw Problem.CANNOT_RUN.with(
                        "the job needs " + demand + "; jobs of this agent may have " + dispatcher.total());
            }
            return demand;
        } catch (RunnerException e) {
            throw Problem.CANNOT_RUN.with(String.valueOf(e.getMessage()));
        }
    }

    private Receipt receipt(Acceptance acceptance, Demand demand, Deadline startBy)
            throws ProblemException, RunnerException {
        if (acceptance instanceof Acceptance.Full full) {
            throw Problem.QUEUE_FULL.with(full.waiting() + " jobs wait already; try again later");
        }
        if (acceptance instanceof Acceptance.KeyTaken) {
            throw Problem.KEY_REUSED.with("another request was sent under this key; take another key");
        }
        if (acceptance instanceof Acceptance.Replayed replayed) {
            JobId id = replayed.job().submission().id();
            return new Receipt(replayed.job(), archive.tokens().createForJob(id), true);
        }
        if (acceptance instanceof Acceptance.Accepted accepted) {
            return begun(accepted.job(), demand, startBy);
        }
        throw new AssertionError(acceptance);
    }

    /** Lets a job in that is written down; all that can fail comes before it may run. */
    private Receipt begun(JobRecord job, Demand demand, Deadline startBy) throws RunnerException {
        JobId id = job.submission().id();
        try {
            String token = archive.tokens().createForJob(id);
            EventLog events = archive.folders().open(id);
            note(events, new JobEvent.Moved(job.state(), 0, job.submission().submitted()));
            metrics.submitted();
            place(job, demand, startBy);
            return new Receipt(job, token, false);
        } catch (RunnerException e) {
            // Whoever hears of a failure must not find a job that waits for ever, nor one that runs at the next start.
            endings.settle(id, JobEnding.of(e, Stopwatch.start().timings()));
            throw e;
        }
    }

    /** Puts a job that does not run where it belongs. */
    void place(JobRecord job, Demand demand, Deadline startBy) {
        var waiting = new Dispatcher.Waiting(job, demand, startBy);
        if (job.state() == JobState.UPLOADING) {
            dispatcher.await(waiting);
        } else {
            dispatcher.enqueue(waiting);
        }
    }

    @Override
    public void upload(JobId id, InputStream content) throws ProblemException, IOException {
        if (!uploading.add(id)) {
            throw Problem.CONFLICT.with("the job's workspace is being sent already");
        }
        Path part = archive.folders().comingWorkspace(id);
        try {
            if (!dispatcher.awaits(id)) {
                throw Problem.CONFLICT.with("the job does not wait for a workspace: it was submitted without one, has"
                        + " it already, or is over");
            }
            try (OutputStream out = Files.newOutputStream(part)) {
                copy(content, out);
            }
            arrived(id, part);
        } catch (RunnerException e) {
            throw Problem.INTERNAL.with(String.valueOf(e.getMessage()));
        } finally {
            Files.deleteIfExists(part);
            uploading.remove(id);
        }
    }

    private void arrived(JobId id, Path part) throws ProblemException, RunnerException, IOException {
        // Before the record says so: a start after a crash must find it.
        Files.move(part, archive.folders().workspace(id), StandardCopyOption.ATOMIC_MOVE);
        archive.records().queued(id);
        Optional<EventLog> events = archive.folders().live(id);
        if (events.isPresent()) {
            note(events.get(), new JobEvent.Moved(JobState.QUEUED, 0, clock.instant()));
        }
        if (!dispatcher.arrived(id)) {
            throw Problem.CONFLICT.with("the job was ended while its workspace was being sent");
        }
    }

    private void copy(InputStream content, OutputStream out) throws ProblemException, IOException {
        byte[] block = new byte[BLOCK];
        long sum = 0;
        for (int read = content.read(block); read >= 0; read = content.read(block)) {
            sum += read;
            if (sum > limits.workspace().bytes()) {
                throw Problem.TOO_LARGE.with("a workspace may have " + limits.workspace() + " here");
            }
            write(out, block, read);
        }
    }

    private static void write(OutputStream out, byte[] block, int length) throws ProblemException {
        try {
            out.write(block, 0, length);
        } catch (IOException e) {
            throw Problem.NO_SPACE.with("cannot store the workspace: " + e.getMessage());
        }
    }

    @Override
    public void cancel(JobId id) {
        dispatcher.cancel(id).ifPresent(job -> endings.settle(job.submission().id(), JobEnding.cancelled()));
    }

    @Override
    public StepReceipt step(JobId id, StepOrder order) throws ProblemException {
        JobSession session = session(id);
        long offset = archive.folders().live(id).map(EventLog::length).orElse(0L);
        return new StepReceipt(session.send(order), offset);
    }

    @Override
    public void release(JobId id) throws ProblemException {
        session(id).release();
    }

    @Override
    public Attended attach(JobId id) throws ProblemException {
        return session(id).attach();
    }

    private JobSession session(JobId id) throws ProblemException {
        try {
            JobSession session = archive.sessions().of(unfinished(id).submission());
            // Once more: one that has ended in between has no use for it.
            unfinished(id);
            return session;
        } catch (RunnerException e) {
            throw Problem.INTERNAL.with(String.valueOf(e.getMessage()));
        }
    }

    private JobRecord unfinished(JobId id) throws ProblemException, RunnerException {
        JobRecord job = archive.records()
                .find(id)
                .orElseThrow(() -> Problem.NOT_FOUND.with("there is no such job for this token"));
        if (job.state() == JobState.ENDED) {
            archive.sessions().end(id);
            throw Problem.CONFLICT.with("the job is over");
        }
        return job;
    }

    @Override
    public List<TemplateOffer> templates() throws ProblemException {
        try {
            return body.templates();
        } catch (RunnerException e) {
            throw Problem.INTERNAL.with(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Host host() {
        return new Host(
                part(dispatcher.total()),
                part(dispatcher.used()),
                dispatcher.runningCount(),
                dispatcher.waitingCount(),
                limits.waiting(),
                standby.wishes().entrySet().stream()
                        .map(wish -> standby(wish.getKey(), wish.getValue()))
                        .toList());
    }

    private Standby standby(StandbyWish wish, Size size) {
        return new Standby(
                wish.template(),
                size.cpus(),
                size.memory().bytes(),
                standby.waiting(wish.template(), size),
                wish.count());
    }

    private static Part part(Demand demand) {
        return new Part(demand.cpus(), demand.memory().bytes(), demand.disk().bytes());
    }

    private static void note(EventLog events, JobEvent event) {
        try {
            events.append(event);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot write an event: {0}", e.getMessage());
        }
    }
}
