package dev.thaw.runner.api;

import dev.thaw.runner.execution.Attachment;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.records.JobRecord;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The daemon behind the HTTP face. */
public interface JobDesk {
    /** A job that was taken, and the token that is good for it alone. */
    record Receipt(JobRecord job, String jobToken, boolean replayed) {}

    /** Somebody's end of a step's input and terminal, until the step is over. */
    interface Attended {
        /** Where it goes. */
        Attachment attachment();

        /** Completes when the step is over. */
        CompletableFuture<Void> over();

        /** Somebody else may attach. */
        void detach();
    }

    /**
     * A step that was taken.
     *
     * @param offset of the job's story; all of the step's comes behind it
     */
    record StepReceipt(int step, long offset) {}

    /** What can be asked for as a job's template. */
    record TemplateOffer(String name, List<SizeOffer> sizes) {
        public TemplateOffer {
            sizes = List.copyOf(sizes);
        }
    }

    /** A size of a template. */
    record SizeOffer(int cpus, long memoryBytes) {}

    /** A part of the host. */
    record Part(int cpus, long memoryBytes, long diskBytes) {}

    /** Guests of a template that wait for jobs, and how many are wanted. */
    record Standby(String template, int cpus, long memoryBytes, int guests, int wanted) {}

    /** What the host has for jobs, what is taken of it, who waits and runs, and the guests that wait for jobs. */
    record Host(Part total, Part used, int running, int waiting, int mostWaiting, List<Standby> standby) {
        public Host {
            standby = List.copyOf(standby);
        }
    }

    /**
     * Takes a job.
     *
     * @throws ProblemException if it cannot be run here, or not now
     */
    Receipt submit(Order order) throws ProblemException;

    /**
     * Takes a job's workspace and lets it wait for its turn.
     *
     * @throws ProblemException if it has one, or if this one is too large
     * @throws IOException if it does not arrive whole; the job still waits for it then
     */
    void upload(JobId id, InputStream archive) throws ProblemException, IOException;

    /** Ends a job as soon as that can be; one that is over stays as it was. */
    void cancel(JobId id) throws ProblemException;

    /**
     * Has a held guest run one more step; returns at once.
     *
     * @throws ProblemException if the job does not wait for a step now
     */
    StepReceipt step(JobId id, StepOrder order) throws ProblemException;

    /** Holds a job's guest no longer, once the step that runs is over. */
    void release(JobId id) throws ProblemException;

    /**
     * The end of what the job's step reads, or will read.
     *
     * @throws ProblemException if there is nothing to attach to, or somebody is attached
     */
    Attended attach(JobId id) throws ProblemException;

    /** What can be asked for. */
    List<TemplateOffer> templates() throws ProblemException;

    /** How full the host is. */
    Host host();

    /** Whether jobs are taken. */
    boolean ready();
}
