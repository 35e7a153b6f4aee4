package dev.thaw.runner.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.WorkspaceOrigin;
import dev.thaw.runner.records.Machine;
import dev.thaw.runner.records.ReplayRecord;
import dev.thaw.runner.records.ReplayRecords;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplaysTest {
    @Test
    void aRecordThatCannotBeWrittenWhenTheJobIsOverDoesNotChangeHowItEnded(@TempDir Path directory) throws Exception {
        var records = new ReplayRecords(Files.writeString(directory.resolve("records"), "not a directory"));
        var record = new ReplayRecord(
                JobId.random(),
                Instant.EPOCH,
                JobSpec.DEFAULT,
                new WorkspaceOrigin.Directory(directory),
                new Machine("key", "tcg", 2, 1, Map.of()),
                Optional.empty(),
                Optional.empty());

        assertThatThrownBy(() -> records.write(record)).isInstanceOf(RunnerException.class);
        assertThatCode(() -> new Replays(records).endWithFault(record)).doesNotThrowAnyException();
    }
}
