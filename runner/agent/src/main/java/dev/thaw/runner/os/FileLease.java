package dev.thaw.runner.os;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The right to do something that only one process of the host may do at a time; the kernel takes it from the dead. */
public final class FileLease implements AutoCloseable {
    private static final long PAUSE_MILLIS = 200;

    private final FileChannel channel;

    private FileLease(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lease, waiting for whoever has it.
     *
     * @param file made if it is not there, and left there
     * @param waiting told once, if somebody else has the lease
     * @throws RunnerException {@code HOST} if the file cannot be made, {@code DEADLINE} if the wait was too long
     */
    public static FileLease take(Path file, Duration limit, Runnable waiting)
            throws RunnerException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            for (boolean told = false; tryLock(channel) == null; told = true) {
                if (!told) {
                    waiting.run();
                }
                if (System.nanoTime() - end > 0) {
                    channel.close();
                    throw new RunnerException(
                            Fault.DEADLINE, "another runner has held " + file + " for " + limit.toMinutes() + " min");
                }
                Thread.sleep(PAUSE_MILLIS);
            }
            return new FileLease(channel);
        } catch (IOException e) {
            throw new RunnerException(
                    JobDirectories.diskFull(e) ? Fault.NO_SPACE : Fault.HOST,
                    "cannot lock " + file + ": " + e.getMessage(),
                    e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another thread of this process has it.
            return null;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger(FileLease.class.getName()).log(System.Logger.Level.WARNING, "closing a lock", e);
        }
    }
}
