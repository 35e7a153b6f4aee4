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
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
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

    /** Of a line, enough to see what kind of event it is. */
    private static final int HEAD = 64;

    private static final int BLOCK = 64 << 10;

    private final JobRecords records;
    private final JobFolders folders;
    private final FollowersPace pace = new FollowersPace();

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

    void send(JobId id, Range range, OutputStream answer) throws RunnerException, IOException, InterruptedException {
        var out = new BufferedOutputStream(answer, BLOCK);
        try (EventStream stream = folders.follow(id, range.offset())) {
            answer.flush();
            long next = range.offset();
            Duration patience = range.follow() ? SILENCE : Duration.ZERO;
            boolean ended = false;
            while (!ended) {
                Optional<EventStream.Line> line = next(stream, out, patience);
                if (line.isPresent()) {
                    next = line.get().next();
                    ended = send(line.get().utf8(), next, out);
                    rest(stream, out, line.get().utf8().remaining());
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

    /** Whatever waits for more to be sent with it is sent before anybody waits for more. */
    private static Optional<EventStream.Line> next(EventStream stream, OutputStream out, Duration patience)
            throws IOException, InterruptedException {
        Optional<EventStream.Line> line = stream.next(Deadline.in(Duration.ZERO));
        if (line.isPresent()) {
            return line;
        }
        out.flush();
        return stream.next(Deadline.in(patience));
    }

    private void rest(EventStream stream, OutputStream out, int bytes) throws IOException, InterruptedException {
        Duration rest = stream.live() ? pace.restAfter(bytes) : Duration.ZERO;
        if (!rest.isZero()) {
            out.flush();
            stream.pause(rest);
        }
    }

    private static boolean send(ByteBuffer text, long next, OutputStream out) throws IOException {
        byte[] line = text.array();
        int from = text.arrayOffset();
        String word = word(new String(line, from, Math.min(HEAD, text.limit()), StandardCharsets.UTF_8));
        out.write(("id: " + next + "\nevent: " + word + "\ndata: ").getBytes(StandardCharsets.UTF_8));
        out.write(line, from, text.limit());
        out.write('\n');
        out.write('\n');
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
            send(ByteBuffer.wrap(JobEventText.of(ended).getBytes(StandardCharsets.UTF_8)), next, out);
        }
        return true;
    }

    /** Events are written by us, and begin with their kind. */
    private static String word(String text) {
        int start = text.indexOf(":\"") + 2;
        return text.substring(start, text.indexOf('"', start));
    }
}
