package dev.thaw.runner.os;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** The job directories of one home: made with an owner, reaped when the owner is dead. */
public final class JobDirectories {
    /** Its owner's, who is not always the one who has to pass through: bwrap runs as a root that may not do all. */
    private static final String PASSABLE = "rwx--x--x";

    private final Path jobs;
    private final Path runtime;
    /** Beside the file lock, which is the whole process's: two threads of it must not both think they hold it. */
    private final ReentrantLock mine = new ReentrantLock();
    /**
     * Jobs of this very process. Their lock files must not even be opened again: closing any descriptor of a file
     * drops all locks its process holds on it (POSIX record locks).
     */
    private final Set<String> owned = ConcurrentHashMap.newKeySet();

    private final HostUsers hostUsers;

    /** The directories below one home, each given to a user of its own where {@code hostUsers} has one to give. */
    public JobDirectories(RunnerHome home, HostUsers hostUsers) {
        this.hostUsers = hostUsers;
        this.jobs = home.root().resolve("jobs");
        this.runtime = home.runtime();
    }

    /**
     * Makes the directory of a new job and owns it.
     *
     * @throws RunnerException {@code HOST} or {@code NO_SPACE} if it cannot be made
     */
    public JobDirectory create(String id) throws RunnerException {
        mine.lock();
        try (FileChannel all = lockAll()) {
            Path path = jobs.resolve(id);
            makeDirectory(path, PASSABLE);
            // The owner's lock is held before the lock on all is let go: a reaper never sees a directory without one.
            FileChannel owner = FileChannel.open(
                    path.resolve(JobDirectory.OWNER), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            owner.lock();
            Path sockets = runtime.resolve(id);
            Files.createDirectories(sockets);
            Files.setPosixFilePermissions(sockets, PosixFilePermissions.fromString(PASSABLE));
            hostUsers.assign(jobs, path, sockets);
            owned.add(id);
            return new JobDirectory(path, sockets, owner, () -> owned.remove(id));
        } catch (IOException e) {
            throw new RunnerException(
                    diskFull(e) ? Fault.NO_SPACE : Fault.HOST,
                    "cannot make the directory of job " + id + " in " + jobs + ": " + e.getMessage(),
                    e);
        } finally {
            mine.unlock();
        }
    }

    /** Makes a directory with this mode, whatever the umask of whoever has started the runner. */
    public static Path makeDirectory(Path path, String mode) throws IOException {
        Files.createDirectory(path);
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    /**
     * Refuses long work that would end on a full disk, before it begins.
     *
     * @throws RunnerException {@code NO_SPACE} with what is wanted and what is there
     */
    public void requireRoom(long bytes, String what) throws RunnerException {
        try {
            long left = Files.getFileStore(jobs).getUsableSpace();
            if (left < bytes) {
                throw new RunnerException(
                        Fault.NO_SPACE,
                        what + " takes " + (bytes >> 20) + " MiB of disk or more in " + jobs + ", the host has "
                                + (left >> 20) + " MiB left; free some, or set RUNNER_HOME to another disk");
            }
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot look at " + jobs + ": " + e.getMessage(), e);
        }
    }

    /** Whether an I/O error says that the disk is full; the JDK has no exception of its own for it. */
    public static boolean diskFull(IOException e) {
        String message = e.getMessage();
        return message != null && (message.contains("No space left") || message.contains("quota exceeded"));
    }

    /** The ids of all job directories whose owner is dead. */
    public List<String> orphans() throws RunnerException {
        return orphans(false);
    }

    /** Kills and deletes what dead owners left; returns the ids. What a live process owns stays as it is. */
    public List<String> reap() throws RunnerException {
        return orphans(true);
    }

    private List<String> orphans(boolean reap) throws RunnerException {
        mine.lock();
        try (FileChannel all = lockAll()) {
            var found = new ArrayList<String>();
            for (Path path : directories()) {
                if (takeOver(path, reap)) {
                    found.add(path.getFileName().toString());
                }
            }
            return found;
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot look through " + jobs + ": " + e.getMessage(), e);
        } finally {
            mine.unlock();
        }
    }

    private boolean takeOver(Path path, boolean reap) throws IOException {
        if (owned.contains(path.getFileName().toString())) {
            return false;
        }
        try (FileChannel owner = FileChannel.open(
                path.resolve(JobDirectory.OWNER), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (owner.tryLock() == null) {
                return false;
            }
            if (reap) {
                JobDirectory.reap(path, runtime.resolve(path.getFileName()));
            }
            return true;
        }
    }

    private List<Path> directories() throws IOException {
        try (Stream<Path> entries = Files.list(jobs)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    private FileChannel lockAll() throws IOException {
        FileChannel all = FileChannel.open(jobs.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        all.lock();
        return all;
    }
}
