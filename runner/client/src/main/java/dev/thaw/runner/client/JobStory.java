package dev.thaw.runner.client;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobEventText;
import dev.thaw.runner.job.JobId;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A job's events, one after the other, each once. A connection that breaks is made again, and the story goes on where
 * it was, also when the agent was started anew in between. For one thread.
 */
public final class JobStory implements AutoCloseable {
    /** How long an agent may be away before its clients give up. */
    private static final Duration AWAY = Duration.ofMinutes(2);

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final AgentHttp http;
    private final JobId id;
    private final String token;
    private final boolean follow;
    private long offset;
    private boolean over;
    private @Nullable EventReader reader;

    JobStory(AgentHttp http, JobId id, String token, long offset, boolean follow) {
        this.http = http;
        this.id = id;
        this.token = token;
        this.offset = offset;
        this.follow = follow;
    }

    /**
     * The next event; empty behind the last one.
     *
     * @throws RunnerException {@code AGENT} if the agent has been away for two minutes, {@code REFUSED} if there is no
     *     such job for this token
     */
    public Optional<JobEvent> next() throws RunnerException, InterruptedException {
        Deadline away = Deadline.in(AWAY);
        while (!over) {
            try {
                Optional<JobEvent> event = read();
                if (event.isPresent()) {
                    over = event.get() instanceof JobEvent.Ended;
                    return event;
                }
                over = !follow;
                if (follow) {
                    // The agent is about to stop.
                    pause(away, new IOException("the agent ended the story before the job did"));
                }
            } catch (IOException e) {
                pause(away, e);
            } catch (RunnerException e) {
                if (e.fault() != Fault.AGENT || away.passed()) {
                    throw e;
                }
                pause(away, new IOException(e));
            }
        }
        return Optional.empty();
    }

    /** Where the story goes on behind the last event that was told. */
    public long offset() {
        return offset;
    }

    @Override
    public void close() {
        hangUp();
    }

    private Optional<JobEvent> read() throws IOException, RunnerException, InterruptedException {
        EventReader from = reader == null ? connect() : reader;
        for (Optional<EventReader.Event> next = from.next(); next.isPresent(); next = from.next()) {
            offset = next.get().next();
            Optional<JobEvent> event = JobEventText.parse(next.get().data());
            if (event.isPresent()) {
                return event;
            }
        }
        hangUp();
        return Optional.empty();
    }

    private EventReader connect() throws IOException, RunnerException, InterruptedException {
        HttpRequest request = http.request(
                        "v1/jobs/" + id + "/events?offset=" + offset + (follow ? "" : "&follow=false"), token)
                .build();
        var connected = new EventReader(http.send(request));
        reader = connected;
        return connected;
    }

    private void pause(Deadline away, IOException e) throws RunnerException, InterruptedException {
        hangUp();
        if (away.passed()) {
            throw new RunnerException(
                    Fault.AGENT,
                    "the agent at " + http.address() + " has gone away while it ran job " + id
                            + "; when it is back: runner logs -f " + id,
                    e);
        }
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    }

    private void hangUp() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }
}
