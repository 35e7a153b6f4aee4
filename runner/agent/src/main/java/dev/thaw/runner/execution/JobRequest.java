package dev.thaw.runner.execution;

import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.template.Template;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One job, ready to be run.
 *
 * @param id what it is called
 * @param spec what is asked
 * @param template what its guest is restored from
 * @param workspace the directory that is copied in, or an archive of one; empty for none
 * @param streams what the build's standard streams are connected to
 * @param output where its artifacts go; empty for a job that declares none
 * @param keeper who may look at its guest if it fails
 */
public record JobRequest(
        JobId id,
        JobSpec spec,
        Template template,
        Optional<Path> workspace,
        JobStreams streams,
        Optional<Path> output,
        Keeper keeper) {
    /** A job whose guest is discarded in any case. */
    public JobRequest(
            JobId id,
            JobSpec spec,
            Template template,
            Optional<Path> workspace,
            JobStreams streams,
            Optional<Path> output) {
        this(id, spec, template, workspace, streams, output, Keeper.NONE);
    }

    /** The same job, with somebody who may look at its guest if it fails. */
    public JobRequest keptBy(Keeper other) {
        return new JobRequest(id, spec, template, workspace, streams, output, other);
    }
}
