package dev.thaw.runner.agent;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.api.JobDesk;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.execution.Keeper;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Stopwatch;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a job is once its turn has come: guests, in an agent that is not a test's. */
public interface JobBody {
    /**
     * A job that runs now.
     *
     * @param archive its workspace
     * @param stdout where what the body itself has to print goes
     * @param artifacts where they go
     * @param session who takes part in it
     */
    record Work(
            JobId id,
            JobSpec spec,
            Optional<Path> archive,
            OutputStream stdout,
            OutputStream stderr,
            Path artifacts,
            Stopwatch stopwatch,
            Session session) {}

    /**
     * Who takes part in a job.
     *
     * @param streams what its steps are connected to
     * @param keeper who may want its guest when they have ended
     */
    record Session(JobStreams streams, Keeper keeper) {}

    /**
     * What a job takes of the host while it runs.
     *
     * @throws RunnerException if there is no such template, or none of that size
     */
    Demand demand(JobSpec spec) throws RunnerException;

    /** Runs a job to its end; an interrupt cancels it. */
    JobResult run(Work work) throws RunnerException, InterruptedException;

    /** Guests that wait for such jobs. */
    StandbyStock standby();

    /** What jobs can ask for. */
    List<JobDesk.TemplateOffer> templates() throws RunnerException;
}
