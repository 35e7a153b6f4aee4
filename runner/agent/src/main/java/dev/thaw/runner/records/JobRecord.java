package dev.thaw.runner.records;

import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobState;
import java.time.Instant;
import java.util.Optional;

/**
 * A job as it stands in the records.
 *
 * @param number order of submission
 * @param attempts how often it was started
 * @param started the last time; empty if it never was
 */
public record JobRecord(
        long number,
        Submission submission,
        JobState state,
        int attempts,
        Optional<Instant> started,
        Optional<Instant> ended,
        Optional<JobEnding> ending) {}
