package dev.thaw.runner.cli;

import dev.thaw.runner.client.Download;
import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.WorkspaceOrigin;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.records.Machine;
import dev.thaw.runner.records.ReplayRecord;
import dev.thaw.runner.records.ReplayRecord.Ending;
import dev.thaw.runner.records.ReplayRecords;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.workspace.GitFetch;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The records that runs leave, and what a record says about a run of today. */
public final class Replays {
    private static final System.Logger LOG = System.getLogger(Replays.class.getName());
    private static final Duration LOOK = Duration.ofMinutes(1);
    private static final int LARGEST = 4 << 20;

    private final ReplayRecords records;

    /** Over the records of this host. */
    public Replays(ReplayRecords records) {
        this.records = records;
    }

    /** The record that a word names: an address, a file, or one of this host's jobs. */
    ReplayRecord find(String word) throws RunnerException, InterruptedException {
        if (word.startsWith("http://") || word.startsWith("https://")) {
            return downloaded(word);
        }
        if (Files.exists(Path.of(word))) {
            return ReplayRecords.read(Path.of(word));
        }
        return records.find(id(word));
    }

    /** Whether a word names a record that is to be had without an agent. */
    boolean has(String word) {
        return word.startsWith("http://")
                || word.startsWith("https://")
                || Files.exists(Path.of(word))
                || records.has(word);
    }

    /** The job that a word names, if it names no file and no address. */
    static JobId id(String word) throws RunnerException {
        try {
            return new JobId(word);
        } catch (IllegalArgumentException e) {
            throw new RunnerException(
                    Fault.USAGE, "--from takes the id of a job, an address or a file; there is no file " + word, e);
        }
    }

    private static ReplayRecord downloaded(String address) throws RunnerException, InterruptedException {
        try {
            return ReplayRecords.parse(new ByteArrayInputStream(Download.get(address, LARGEST)), address);
        } catch (IOException e) {
            throw new AssertionError("bytes in memory can be read", e);
        }
    }

    /** The very commit of a record; throws with what is there in its place if it is not to be had. */
    static JobTree fetched(
            ReplayRecord then, WorkspaceOrigin.GitCommit git, JobDirectories jobs, JobId id, Console console)
            throws RunnerException, InterruptedException {
        try {
            return JobTree.Fetched.of(git.exactly(), git.address(), jobs, id, console);
        } catch (RunnerException e) {
            if (e.fault() != Fault.WORKSPACE) {
                throw e;
            }
            throw new RunnerException(
                    Fault.REPLAY,
                    "job " + then.id() + " cannot be run again as it was: workspace: " + e.getMessage()
                            + today(git.address()),
                    e);
        }
    }

    private static String today(GitAddress address) throws InterruptedException {
        if (address.pinned()) {
            return "";
        }
        try {
            return "; " + address.revision() + " is " + new GitFetch(address, Deadline.in(LOOK)).commit() + " now";
        } catch (RunnerException e) {
            // The message says already why nothing is to be had.
            return "";
        }
    }

    /** Throws with all that is not as it was, if anything is not. */
    static void checkSame(ReplayRecord then, Template template, JobTree tree) throws RunnerException {
        List<String> differences = then.differences(machine(template), tree.digest());
        if (!differences.isEmpty()) {
            throw new RunnerException(
                    Fault.REPLAY,
                    "job " + then.id() + " cannot be run again as it was: " + String.join("; ", differences));
        }
    }

    /** Writes down what is about to run; before it does, so that a runner that is killed leaves it too. */
    ReplayRecord begin(JobId id, JobSpec spec, WorkspaceOrigin workspace, Template template) throws RunnerException {
        var record = new ReplayRecord(
                id, Instant.now(), spec, workspace, machine(template), Optional.empty(), Optional.empty());
        records.write(record);
        return record;
    }

    /** Writes down how it ended. What cannot be written is said and no more: the job has ended as it has. */
    void end(ReplayRecord record, JobResult result) {
        end(record, result.workspaceSha256(), new Ending(result.outcome().word(), result.exitCode()));
    }

    /** As {@link #end(ReplayRecord, JobResult)}, for a job that the runner failed. */
    void endWithFault(ReplayRecord record) {
        end(record, Optional.empty(), new Ending("fault", ExitCode.RUNNER_FAULT.code()));
    }

    private void end(ReplayRecord record, Optional<String> workspaceSha256, Ending ending) {
        try {
            records.write(record.ended(workspaceSha256, ending));
            records.prune();
        } catch (RunnerException e) {
            LOG.log(System.Logger.Level.WARNING, e.getMessage());
        }
    }

    private static Machine machine(Template template) {
        return new Machine(
                template.key(),
                template.accelerator(),
                template.size().cpus(),
                template.size().memory().bytes(),
                template.inputs());
    }
}
