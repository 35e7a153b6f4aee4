package dev.thaw.runner.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * One process of this boot of the host: a number alone may since have been given to another.
 *
 * @param pid the kernel's number
 * @param started when the process began, as {@code /proc} tells it
 */
public record ProcessStamp(long pid, Instant started) {
    private static final System.Logger LOG = System.getLogger(ProcessStamp.class.getName());
    private static final long KILL_LIMIT_NANOS = 10_000_000_000L;
    private static final long PAUSE_NANOS = 500_000;

    /** The stamp of a process; a process that has ended already stamps as one that nothing will match. */
    public static ProcessStamp of(ProcessHandle process) {
        return new ProcessStamp(process.pid(), process.info().startInstant().orElse(Instant.EPOCH));
    }

    /** Reads what {@link #toString} wrote; empty for anything else, such as a file cut short by a crash. */
    public static Optional<ProcessStamp> parse(String text) {
        String[] words = text.strip().split(" ", -1);
        try {
            return words.length == 2
                    ? Optional.of(new ProcessStamp(Long.parseLong(words[0]), Instant.parse(words[1])))
                    : Optional.empty();
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The process, if it still runs. */
    public Optional<ProcessHandle> alive() {
        return ProcessHandle.of(pid)
                .filter(process ->
                        process.info().startInstant().filter(started::equals).isPresent());
    }

    /**
     * Whether a process has let go of everything. One that has ended but that its parent has not waited for yet still
     * has a number, and nothing else: that is ended, too.
     */
    public static boolean ended(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.ISO_8859_1);
            // The name before it is in parentheses and may hold anything.
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state == 'Z' || state == 'X';
        } catch (IOException | IndexOutOfBoundsException e) {
            return true;
        }
    }

    /** Ends the process and all its descendants, and waits until it is gone, ten seconds at most. */
    public void kill() {
        alive().ifPresent(process -> {
            List<ProcessHandle> all =
                    Stream.concat(process.descendants(), Stream.of(process)).toList();
            all.forEach(ProcessHandle::destroyForcibly);
            long end = System.nanoTime() + KILL_LIMIT_NANOS;
            while (!all.stream().allMatch(ProcessStamp::ended)) {
                if (System.nanoTime() - end > 0) {
                    LOG.log(System.Logger.Level.ERROR, "process " + pid + " does not end");
                    return;
                }
                // Not a wait that an interrupt ends: this also runs on interrupted threads. Not onExit(): of processes
                // that are not its children the JVM learns late.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        });
    }

    @Override
    public String toString() {
        return pid + " " + started;
    }
}
