package dev.thaw.runner.cli;

import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.AgentJob;
import dev.thaw.runner.client.JobStory;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.WorkspaceOrigin;
import dev.thaw.runner.records.Machine;
import dev.thaw.runner.records.ReplayRecord;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What an agent knows of a job that is over, as the record of a run. */
record AgentReplays(AgentClient agent) {
    /** The record; a directory that was sent is looked for where this process is, and told by its digest. */
    ReplayRecord find(JobId id) throws RunnerException, InterruptedException {
        AgentJob job = agent.job(id);
        JobEnding ending = job.ending()
                .orElseThrow(() -> cannot(job, "it is " + job.state().word()));
        JobEnding.RanOn machine = ending.machine().orElseThrow(() -> cannot(job, "it came to no guest"));
        return new ReplayRecord(
                id,
                job.started().orElse(job.submitted()),
                job.spec(),
                origin(job),
                // Of what the key was made the agent does not tell: a difference is told by the key alone.
                new Machine(machine.templateKey(), machine.accelerator(), 0, 0, Map.of()),
                ending.workspaceSha256(),
                Optional.of(new ReplayRecord.Ending(ending.outcome(), ending.exitCode())));
    }

    private WorkspaceOrigin origin(AgentJob job) throws RunnerException, InterruptedException {
        if (job.git().isPresent()) {
            return new WorkspaceOrigin.GitCommit(
                    job.git().get(), commit(job, job.git().get()));
        }
        if (!job.archive()) {
            throw cannot(job, "it had no workspace, and exec runs jobs that have one");
        }
        return new WorkspaceOrigin.Directory(Path.of("").toAbsolutePath());
    }

    private String commit(AgentJob job, GitAddress address) throws RunnerException, InterruptedException {
        try (JobStory story = agent.story(job.id(), agent.address().token())) {
            for (Optional<JobEvent> event = story.next(); event.isPresent(); event = story.next()) {
                if (event.get() instanceof JobEvent.Fetched fetched) {
                    return fetched.commit();
                }
            }
        }
        throw cannot(job, "the agent does not tell which commit " + address + " was");
    }

    private static RunnerException cannot(AgentJob job, String why) {
        return new RunnerException(Fault.REPLAY, "job " + job.id() + " cannot be run again: " + why);
    }
}
