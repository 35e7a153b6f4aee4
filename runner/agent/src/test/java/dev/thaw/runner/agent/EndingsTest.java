package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.records.JobRecords;
import dev.thaw.runner.records.RecordsDatabase;
import dev.thaw.runner.records.Submission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndingsTest {
    private static final JobId ID = new JobId("job-a");
    private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");

    /** A clock that looks around whenever somebody asks it: the record of an end has the time of it. */
    private static Clock clock(Runnable look) {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                look.run();
                return NOON;
            }
        };
    }

    /** Or a job that may run once more, of an agent that is killed in between, had to without its workspace. */
    @Test
    void aWorkspaceIsThereUntilTheRecordSaysThatTheJobIsOver(@TempDir Path directory) throws Exception {
        var folders = new JobFolders(directory.resolve("jobs"), 1000);
        var seen = new ArrayList<Boolean>();
        Clock quiet = clock(() -> {});
        Clock watching = clock(() -> seen.add(Files.exists(folders.workspace(ID))));
        try (RecordsDatabase database = RecordsDatabase.open(directory)) {
            new JobRecords(database, quiet).accept(submission(), 1);
            folders.open(ID);
            Files.writeString(folders.workspace(ID), "content");
            var records = new JobRecords(database, watching);

            new Endings(records, folders, new JobSessions(quiet), new AgentMetrics(), quiet)
                    .settle(ID, JobEnding.cancelled());

            assertThat(records.find(ID).orElseThrow().state()).isEqualTo(JobState.ENDED);
            assertThat(seen).isEqualTo(List.of(true));
            assertThat(folders.workspace(ID)).doesNotExist();
        }
    }

    private static Submission submission() {
        return new Submission(
                ID,
                new Submission.Owner("token", "name"),
                JobSpec.DEFAULT,
                true,
                Optional.empty(),
                0,
                true,
                Interaction.NONE,
                NOON,
                NOON.plusSeconds(600),
                Optional.empty());
    }
}
