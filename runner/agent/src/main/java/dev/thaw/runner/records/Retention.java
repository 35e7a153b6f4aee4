package dev.thaw.runner.records;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.JobId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

    /** Deletes files that no record tells of; returns whose. */
    public static List<JobId> sweep(JobRecords records, JobFolders folders) throws RunnerException {
        Set<JobId> present = folders.present();
        var gone = new ArrayList<JobId>();
        for (JobId id : present) {
            if (records.find(id).isEmpty()) {
                folders.delete(id);
                gone.add(id);
            }
        }
        return gone;
    }
}
