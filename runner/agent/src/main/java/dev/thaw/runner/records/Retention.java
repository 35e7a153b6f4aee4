package dev.thaw.runner.records;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How long jobs that are over are remembered: no longer than an age, and no more than a size of files. */
public record Retention(Duration age, ByteSize size) {
    /**
     * Forgets what is too old, then the oldest until the rest is small enough; returns whom.
     */
    public List<JobId> apply(JobRecords records, JobFolders folders, Clock clock) throws RunnerException {
        List<JobRecords.Kept> kept = records.ended();
        long bytes = kept.stream().mapToLong(JobRecords.Kept::bytes).sum();
        Instant oldest = clock.instant().minus(age);
        var gone = new ArrayList<JobId>();
        for (JobRecords.Kept job : kept) {
            if (!job.ended().isBefore(oldest) && bytes <= size.bytes()) {
                break;
            }
            // The record last: files without one would never be found again.
            folders.delete(job.id());
            records.forget(job.id());
            bytes -= job.bytes();
            gone.add(job.id());
        }
        return gone;
    }

    /**
     * What an agent that was killed did not come to, before another takes anything: deletes files that no record tells
     * of, workspaces of jobs that are over, and halves of workspaces; returns whose files had no record.
     */
    public static List<JobId> sweep(JobRecords records, JobFolders folders) throws RunnerException {
        Set<JobId> present = folders.present();
        var gone = new ArrayList<JobId>();
        for (JobId id : present) {
            Optional<JobRecord> job = records.find(id);
            if (job.isEmpty()) {
                folders.delete(id);
                gone.add(id);
            } else {
                folders.sweep(id, job.get().state() == JobState.ENDED);
            }
        }
        return gone;
    }
}
