package dev.thaw.runner.records;

import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.WorkspaceOrigin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that it takes to run a job once more, and how it ended.
 *
 * @param id what the job was called
 * @param started when it was claimed
 * @param spec what was asked, command line and job file together
 * @param workspace where what was packed was from
 * @param machine what the guest was restored from
 * @param workspaceSha256 digest of the archive the guest was given; empty if it was not packed to its end
 * @param ending how it ended; empty if its runner died first
 */
public record ReplayRecord(
        JobId id,
        Instant started,
        JobSpec spec,
        WorkspaceOrigin workspace,
        Machine machine,
        Optional<String> workspaceSha256,
        Optional<Ending> ending) {
    /**
     * How a job ended.
     *
     * @param outcome its word: stable
     * @param exitCode what {@code runner exec} ended with
     */
    public record Ending(String outcome, int exitCode) {}

    /** The same job, over. */
    public ReplayRecord ended(Optional<String> sha256, Ending how) {
        return new ReplayRecord(id, started, spec, workspace, machine, sha256, Optional.of(how));
    }

    /**
     * What keeps the job from being run again as it was: one line each, empty if nothing does.
     *
     * @param now what a guest would be restored from today
     * @param sha256 digest of the directory today; empty for a commit, which cannot be another
     */
    public List<String> differences(Machine now, Optional<String> sha256) {
        var lines = new ArrayList<>(machine.differences(now));
        if (workspace instanceof WorkspaceOrigin.GitCommit) {
            return lines;
        }
        if (workspaceSha256.isEmpty()) {
            lines.add("workspace: the record has no digest of it, since it was not packed to its end");
        } else if (!workspaceSha256.equals(sha256)) {
            lines.add("workspace: digest " + workspaceSha256.get() + " then, " + sha256.orElse("none") + " now");
        }
        return lines;
    }
}
