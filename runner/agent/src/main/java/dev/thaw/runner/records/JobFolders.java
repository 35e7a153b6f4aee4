package dev.thaw.runner.records;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The files of an agent's jobs, a directory each: events, the workspace until the job is over, artifacts. */
public final class JobFolders {
    private static final System.Logger LOG = System.getLogger(JobFolders.class.getName());

    private final Path root;
    private final long logLimit;
    private final Map<JobId, EventLog> live = new ConcurrentHashMap<>();

    /**
     * The directories below one.
     *
     * @param logLimit bytes of output that are kept of a job
     */
    public JobFolders(Path root, long logLimit) {
        this.root = root;
        this.logLimit = logLimit;
    }

    /** The events of a job that is not over: begun, or gone on with. */
    public EventLog open(JobId id) throws RunnerException {
        try {
            Files.createDirectories(
                    root.resolve(id.value()),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            EventLog log = EventLog.open(events(id), logLimit);
            live.put(id, log);
            return log;
        } catch (IOException e) {
            throw cannot("write", id, e);
        }
    }

    /** The events of a job that is open here; empty if it is over. */
    public Optional<EventLog> live(JobId id) {
        return Optional.ofNullable(live.get(id));
    }

    /** No more events come. */
    public void close(JobId id) {
        EventLog log = live.remove(id);
        if (log != null) {
            log.close();
        }
    }

    /** A job's events from an offset on. */
    public EventStream follow(JobId id, long offset) throws RunnerException {
        try {
            return EventStream.open(events(id), live.get(id), offset);
        } catch (IOException e) {
            throw cannot("read", id, e);
        }
    }

    /** The end that the events tell of; they may lack it if the agent died just when the job was over. */
    public Optional<JobEvent.Ended> ending(JobId id) throws RunnerException {
        try {
            return EventFile.ending(events(id));
        } catch (IOException e) {
            throw cannot("read", id, e);
        }
    }

    /** Where the workspace's archive lies until the job is over. */
    public Path workspace(JobId id) {
        return root.resolve(id.value()).resolve("workspace.tar");
    }

    /** Where a revision is laid out until the job is over. */
    public Path checkout(JobId id) {
        return root.resolve(id.value()).resolve("checkout");
    }

    /** Where as much of it lies as has come, while it is being sent. */
    public Path comingWorkspace(JobId id) {
        return root.resolve(id.value()).resolve("workspace.part");
    }

    /** Nobody needs the workspace any more. */
    public void dropWorkspace(JobId id) {
        drop(workspace(id));
    }

    private static void drop(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "deleting " + file, e);
        }
    }

    /** Deletes what a job that is over, or that nobody sends to, has no use for: an agent that was killed left it. */
    void sweep(JobId id, boolean over) {
        drop(comingWorkspace(id));
        if (over) {
            drop(workspace(id));
        }
    }

    /** Where the artifacts are. */
    public Path artifacts(JobId id) {
        return root.resolve(id.value()).resolve("artifacts");
    }

    /** Bytes of all the job's files that stay when it is over. */
    public long bytes(JobId id) {
        var sum = new long[1];
        try {
            Files.walkFileTree(root.resolve(id.value()), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sum[0] += file.equals(workspace(id)) ? 0 : attributes.size();
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "looking at the files of job " + id, e);
        }
        return sum[0];
    }

    /** The jobs that have a directory. */
    public Set<JobId> present() throws RunnerException {
        if (!Files.isDirectory(root)) {
            return Set.of();
        }
        var ids = ConcurrentHashMap.<JobId>newKeySet();
        try (var entries = Files.newDirectoryStream(root)) {
            entries.forEach(entry -> ids.add(new JobId(String.valueOf(entry.getFileName()))));
            return ids;
        } catch (IOException | IllegalArgumentException e) {
            throw new RunnerException(Fault.RECORDS, "cannot list " + root + ": " + e.getMessage(), e);
        }
    }

    /** Deletes the job's files. */
    public void delete(JobId id) throws RunnerException {
        close(id);
        try {
            Files.walkFileTree(root.resolve(id.value()), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            // Already gone: what was wanted.
            return;
        } catch (IOException e) {
            throw cannot("delete", id, e);
        }
    }

    private Path events(JobId id) {
        return root.resolve(id.value()).resolve("events");
    }

    private RunnerException cannot(String what, JobId id, IOException e) {
        String message = String.valueOf(e.getMessage());
        return new RunnerException(
                message.contains("No space left") ? Fault.NO_SPACE : Fault.RECORDS,
                "cannot " + what + " the files of job " + id + " in " + root + ": " + message,
                e);
    }
}
