package dev.thaw.runner.os;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * One process of this boot of the host: a number alone may since have been given to another.
 *
 * @param pid the kernel's number
 * @param started when the process began, as {@code /proc} tells it
 */
public record ProcessStamp(long pid, Instant started) {
    private static final long KILL_SECONDS = 10;

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

    /** Ends the process and all its descendants, and waits until it is gone, ten seconds at most. */
    public void kill() {
        alive().ifPresent(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            try {
                process.onExit().orTimeout(KILL_SECONDS, TimeUnit.SECONDS).join();
            } catch (CompletionException e) {
                System.getLogger(ProcessStamp.class.getName())
                        .log(System.Logger.Level.ERROR, "process " + pid + " does not end", e);
            }
        });
    }

    @Override
    public String toString() {
        return pid + " " + started;
    }
}
