package dev.thaw.runner.records;

import dev.thaw.runner.job.GitSource;
import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import java.time.Instant;
import java.util.Optional;

/**
 * What somebody asked an agent for.
 *
 * @param archive whether a workspace is to follow; the job waits for it
 * @param git the revision that is its workspace; empty if none is
 * @param priority among the client's own jobs: the higher the sooner
 * @param rerun whether it may be run once more if the agent dies while it runs
 * @param interaction how somebody takes part in it
 * @param startBy when it is too late to begin
 * @param idempotency what makes the same request, sent again, the same job
 */
public record Submission(
        JobId id,
        Owner owner,
        JobSpec spec,
        boolean archive,
        Optional<GitSource> git,
        int priority,
        boolean rerun,
        Interaction interaction,
        Instant submitted,
        Instant startBy,
        Optional<Idempotency> idempotency) {
    /** The lowest and the highest priority. */
    public static final int LOWEST = -100;

    public static final int HIGHEST = 100;

    public Submission {
        if (priority < LOWEST || priority > HIGHEST) {
            throw new IllegalArgumentException("priority must be " + LOWEST + " to " + HIGHEST + ", got: " + priority);
        }
    }

    /**
     * Whose job it is.
     *
     * @param token id of the token
     * @param name what it was called then
     */
    public record Owner(String token, String name) {}

    /**
     * A request's name, chosen by the client, and its digest.
     *
     * @param key 1 to 200 printable characters
     */
    public record Idempotency(String key, String requestSha256) {
        public Idempotency {
            if (!key.matches("[\\x21-\\x7e]{1,200}")) {
                throw new IllegalArgumentException("an idempotency key is 1 to 200 printable characters");
            }
        }
    }
}
