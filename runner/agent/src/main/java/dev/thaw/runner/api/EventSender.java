package dev.thaw.runner.api;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobEventText;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.records.EventStream;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.records.JobRecord;
import dev.thaw.runner.records.JobRecords;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A job's events as server-sent ones, as they come and up to the end. The id of each is the offset behind it, so that a
 * client that was cut off goes on where it was.
 */
final class EventSender {
    /** Tells clients and what is between that somebody is still there. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private static final byte[] ALIVE = ": alive\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final String ENDED = "ended";

    private final JobRecords records;
    private final JobFolders folders;

    EventSender(JobRecords records, JobFolders folders) {
        this.records = records;
        this.folders = folders;
    }

    /**
     * Which events.
     *
     * @param offset from where on
     * @param follow whether those that are yet to come, too
     */
    record Range(long offset, boolean follow) {}

    void send(JobId id, Range range, OutputStream out) throws RunnerException, IOException, InterruptedException {
        try (EventStream stream = folders.follow(id, range.offset())) {
            long next = range.offset();
            Duration patience = range.follow() ? SILENCE : Duration.ZERO;
            boolean ended = false;
            out.flush();
            while (!ended) {
                Optional<EventStream.Line> line = stream.next(Deadline.in(patience));
                if (line.isPresent()) {
                    next = line.get().next();
                    ended = send(line.get().text(), next, out);
                } else if (stream.exhausted()) {
                    ended = sendEnding(id, next, out);
                } else if (!range.follow()) {
                    ended = true;
                } else {
                    out.write(ALIVE);
                    out.flush();
                }
            }
        }
        out.close();
    }

    private static boolean send(String text, long next, OutputStream out) throws IOException {
        String word = word(text);
        out.write(("id: " + next + "\nevent: " + word + "\ndata: " + text + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        return word.equals(ENDED);
    }

    /** The end may be in the record alone, if the disk had no room for more events; or the client has had it already. */
    private boolean sendEnding(JobId id, long next, OutputStream out) throws RunnerException, IOException {
        Optional<JobRecord> job = records.find(id);
        if (job.isPresent()
                && job.get().ending().isPresent()
                && folders.ending(id).isEmpty()) {
            var ended = new JobEvent.Ended(
                    job.get().ending().get(),
                    job.get().ended().orElse(job.get().submission().submitted()));
            send(JobEventText.of(ended), next, out);
        }
        return true;
    }

    /** Events are written by us, and begin with their kind. */
    private static String word(String text) {
        int start = text.indexOf(":\"") + 2;
        return text.substring(start, text.indexOf('"', start));
    }
}
