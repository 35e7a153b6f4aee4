package dev.thaw.runner.agent;

import dev.thaw.runner.job.JobId;
import dev.thaw.runner.records.Submission;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The sessions of the jobs that are not over, made when they are first asked for. */
final class JobSessions {
    private final Map<JobId, JobSession> sessions = new ConcurrentHashMap<>();
    private final Clock clock;

    JobSessions(Clock clock) {
        this.clock = clock;
    }

    JobSession of(Submission job) {
        return sessions.computeIfAbsent(job.id(), id -> new JobSession(job.interaction(), clock));
    }

    void end(JobId id) {
        @Nullable JobSession session = sessions.remove(id);
        if (session != null) {
            session.end();
        }
    }
}
