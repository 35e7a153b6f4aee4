package dev.thaw.runner.agent;

import dev.thaw.runner.admission.HostMemory;
import dev.thaw.runner.api.ApiServer;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.os.FileLease;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.records.JobRecord;
import dev.thaw.runner.records.JobRecords;
import dev.thaw.runner.records.RecordsDatabase;
import dev.thaw.runner.records.Tokens;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The agent of one home, from its start to its end. */
public final class Daemon implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Daemon.class.getName());
    private static final Duration HOUSEKEEPING = Duration.ofMinutes(5);
    /** A job that got its guest from standby has started its first command by then. */
    private static final Duration SETTLING = Duration.ofMillis(500);
    /** A guest is killed and deleted in a fraction of that. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(20);

    private final AgentConfig config;
    private final AgentFiles files;
    private final FileLease lease;
    private final RecordsDatabase database;
    private final JobRecords records;
    private final JobFolders folders;
    private final Tokens tokens;
    private final JobRun runs;
    private final Dispatcher dispatcher;
    private final Intake intake;
    private final StandbyKeeper standby;
    private final Recovery recovery;
    private final ApiServer api;
    private final Clock clock = Clock.systemUTC();
    private final ScheduledExecutorService housekeeper = Executors.newSingleThreadScheduledExecutor(work -> {
        var thread = new Thread(work, "housekeeper");
        thread.setDaemon(true);
        return thread;
    });

    private Daemon(
            AgentConfig config, Path directory, FileLease lease, RecordsDatabase database, JobBody body, String version)
            throws RunnerException {
        this.config = config;
        this.lease = lease;
        this.database = database;
        files = new AgentFiles(directory);
        records = new JobRecords(database, clock);
        folders = new JobFolders(directory.resolve("jobs"), config.log().bytes());
        tokens = new Tokens(database, clock);
        var metrics = new AgentMetrics();
        var sessions = new JobSessions(clock);
        var git = new GitHosts(config.git());
        var endings = new Endings(records, folders, sessions, metrics, clock);
        runs = new JobRun(body, records, folders, new Checkouts(git, folders), sessions, endings, metrics, clock);
        dispatcher = new Dispatcher(config.budget(), runs);
        StandbyStock stock = body.standby();
        standby = new StandbyKeeper(
                config.standby().guests(),
                stock,
                new HostRoom(dispatcher, new HostMemory(), config.standby().spareMemory()),
                SETTLING);
        intake = new Intake(
                body,
                new Intake.Archive(records, folders, sessions, tokens),
                new Intake.Capacity(dispatcher, standby),
                endings,
                metrics,
                new Intake.Limits(config.queueLength(), config.startWithin(), config.workspace(), git),
                clock);
        recovery = new Recovery(body, records, folders, endings, intake, config.startWithin(), clock);
        metrics.watch("thaw_jobs_running", "Jobs that run", dispatcher::runningCount);
        metrics.watch("thaw_jobs_waiting", "Jobs that wait", dispatcher::waitingCount);
        metrics.watch(
                "thaw_budget_cpus",
                "CPUs that jobs may have",
                () -> dispatcher.total().cpus());
        metrics.watch(
                "thaw_used_cpus", "CPUs that jobs have", () -> dispatcher.used().cpus());
        metrics.watch(
                "thaw_used_memory_bytes",
                "Memory that jobs have",
                () -> dispatcher.used().memory().bytes());
        metrics.watch(
                "thaw_standby_guests",
                "Guests that wait for jobs",
                () -> stock.waiting().size());
        metrics.count("thaw_standby_hits_total", "Jobs whose guest had waited for them", stock::hits);
        metrics.count("thaw_standby_misses_total", "Jobs whose guest was restored for them", stock::misses);
        api = new ApiServer(
                config.listener(), new ApiServer.Backend(intake, records, folders, tokens), version, metrics::text);
    }

    /**
     * Opens what an agent knows, as the only one that does.
     *
     * @param directory of its own
     * @throws RunnerException if the records cannot be used, or another agent uses them
     */
    public static Daemon open(AgentConfig config, Path directory, JobBody body, String version)
            throws RunnerException, InterruptedException {
        FileLease lease = new AgentFiles(directory).lease();
        try {
            return new Daemon(config, directory, lease, RecordsDatabase.open(directory), body, version);
        } catch (RunnerException | RuntimeException e) {
            lease.close();
            throw e;
        }
    }

    /** Takes up what an earlier agent left, and then answers. */
    public void start() throws RunnerException {
        files.provideToken(tokens);
        recovery.run();
        keepHouse();
        api.start();
        files.provideAddress(api.address());
        dispatcher.start();
        standby.start();
        var unused = housekeeper.scheduleWithFixedDelay(
                this::keepHouse, HOUSEKEEPING.toSeconds(), HOUSEKEEPING.toSeconds(), TimeUnit.SECONDS);
        LOG.log(
                System.Logger.Level.INFO,
                "the agent listens on {0}; jobs may have {1}",
                api.address(),
                config.budget());
    }

    /** Where it is to be had. */
    public URI address() {
        return api.address();
    }

    /**
     * Takes no more jobs and lets those that run come to their end; one that has not by then is cut off, and one that
     * waits waits for the next start.
     */
    public void drain() throws InterruptedException {
        LOG.log(
                System.Logger.Level.INFO,
                "the agent takes no more jobs; {0} run, and have {1} s",
                dispatcher.runningCount(),
                config.drain().toSeconds());
        intake.close();
        files.removeAddress();
        standby.close();
        dispatcher.drain(Deadline.in(config.drain()), runs::stopping);
        if (!dispatcher.awaitIdle(Deadline.in(LAST_WORDS))) {
            LOG.log(System.Logger.Level.ERROR, "a job did not end when it was cut off; the next start will see to it");
        }
    }

    private void keepHouse() {
        try {
            List<JobId> gone = config.retention().apply(records, folders, clock);
            if (!gone.isEmpty()) {
                LOG.log(System.Logger.Level.INFO, "forgot {0} jobs that are over for long", gone.size());
            }
        } catch (RunnerException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "forgetting old jobs: {0}", e.getMessage());
        }
    }

    @Override
    public void close() {
        housekeeper.shutdownNow();
        standby.close();
        dispatcher.close();
        api.close();
        try {
            for (JobRecord job : records.unfinished()) {
                folders.close(job.submission().id());
            }
        } catch (RunnerException e) {
            LOG.log(System.Logger.Level.WARNING, e.getMessage());
        }
        database.close();
        lease.close();
    }
}
