package dev.thaw.runner.records;

/** What came of writing down a submission. */
public sealed interface Acceptance {
    /** It is a new job. */
    record Accepted(JobRecord job) implements Acceptance {}

    /** The same request was there before; this is its job. */
    record Replayed(JobRecord job) implements Acceptance {}

    /** Another request was there before under the same key. */
    record KeyTaken() implements Acceptance {}

    /** So many jobs wait already. */
    record Full(int waiting) implements Acceptance {}
}
