package dev.thaw.runner.api;

import dev.thaw.runner.job.GitSource;
import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.records.Submission;
import java.time.Duration;
import java.util.Optional;

/**
 * A request for a job, as it came through the door.
 *
 * @param git the revision that is its workspace; empty if none is
 * @param interaction how somebody takes part in it
 * @param archive whether its workspace follows
 * @param startWithin how long it may wait; empty for as long as the agent lets it
 */
public record Order(
        Submission.Owner owner,
        JobSpec spec,
        boolean archive,
        Optional<GitSource> git,
        int priority,
        boolean rerun,
        Interaction interaction,
        Optional<Duration> startWithin,
        Optional<Submission.Idempotency> idempotency) {}
