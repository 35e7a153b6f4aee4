package dev.thaw.runner.job;

/** How a job ended, and on what: the template's key and the accelerator belong to every record of it. */
public record JobResult(JobId id, JobOutcome outcome, Timings timings, String templateKey, String accelerator) {}
