package dev.thaw.runner.agent;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.GitSource;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.workspace.GitFetch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Revisions as jobs' workspaces: fetched when a job's turn has come, deleted when it is over. */
record Checkouts(GitHosts hosts, JobFolders folders) {
    /** Fetches a job's; what an earlier attempt left is deleted first. */
    JobEvent.Fetched fetch(JobId id, GitSource source, Deadline deadline) throws RunnerException, InterruptedException {
        Path directory = folders.checkout(id);
        try {
            JobDirectory.deleteTree(directory);
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot make " + directory + ": " + e.getMessage(), e);
        }
        GitFetch.Fetched fetched = new GitFetch(source.address(), hosts.credentials(source), deadline).into(directory);
        return new JobEvent.Fetched(fetched.commit(), fetched.notes());
    }
}
