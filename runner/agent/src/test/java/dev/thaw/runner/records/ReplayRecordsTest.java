package dev.thaw.runner.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Step;
import dev.thaw.runner.job.WorkspaceOrigin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayRecordsTest {
    private static final Machine MACHINE =
            new Machine("aa", "tcg", 2, 2L << 30, Map.of("qemu", "7.2.22", "kernel", "k1"));
    private static final ReplayRecord RECORD = new ReplayRecord(
            new JobId("j1"),
            Instant.parse("2026-11-24T01:02:03.004Z"),
            JobSpec.DEFAULT.withSteps(List.of(Step.script("build", "make\n"))),
            new WorkspaceOrigin.Directory(Path.of("/home/somebody/a project")),
            MACHINE,
            Optional.empty(),
            Optional.empty());

    @TempDir
    Path home;

    private ReplayRecords records() {
        return new ReplayRecords(home.resolve("records"));
    }

    @Test
    void aRecordIsReadBackAsItWasWritten() throws Exception {
        records().write(RECORD);
        assertThat(records().find(RECORD.id())).isEqualTo(RECORD);

        ReplayRecord over = RECORD.ended(Optional.of("dd"), new ReplayRecord.Ending("finished", 3));
        records().write(over);
        assertThat(records().find(RECORD.id())).isEqualTo(over);
        assertThat(ReplayRecords.read(home.resolve("records/j1.json"))).isEqualTo(over);
    }

    @Test
    void aCommitIsReadBackAndDiffersFromNothing() throws Exception {
        var commit = new WorkspaceOrigin.GitCommit(
                GitAddress.parse("https://git.invalid/a.git#main"), "0123456789abcdef0123456789abcdef01234567");
        var record = new ReplayRecord(
                RECORD.id(), RECORD.started(), RECORD.spec(), commit, MACHINE, Optional.of("dd"), Optional.empty());
        records().write(record);
        assertThat(records().find(RECORD.id())).isEqualTo(record);
        assertThat(record.differences(MACHINE, Optional.empty())).isEmpty();
        // Where it comes from is checked as on the command line: a record may be from anywhere.
        Path file = home.resolve("records/j1.json");
        for (String[] change :
                new String[][] {{"https://git", "ext://git"}, {"\"main\"", "\"--all\""}, {"89abcdef", ""}}) {
            Path altered = Files.writeString(
                    home.resolve("x.json"), Files.readString(file).replace(change[0], change[1]));
            assertThatThrownBy(() -> ReplayRecords.read(altered))
                    .hasMessageStartingWith(altered + " is not a replay record: a ");
        }
    }

    @Test
    void onlyItsOwnerMayReadARecord() throws Exception {
        records().write(RECORD);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("records/j1.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void whatIsMissingOrNoRecordIsSaidInOneLine() throws Exception {
        assertThatThrownBy(() -> records().find(new JobId("j9")))
                .hasMessage("there is no record of job j9 in " + home.resolve("records") + "; the last 1000 are kept");
        Path file = Files.writeString(home.resolve("x.json"), "{\"format\": 1, \"job\": \"j1\"}");
        assertThatThrownBy(() -> ReplayRecords.read(file))
                .hasMessage(file + " is not a replay record: it has no template");
        Files.writeString(file, "{\"format\": 2}");
        assertThatThrownBy(() -> ReplayRecords.read(file))
                .hasMessage(file + " is not a replay record: its format is not 1");
        Files.writeString(file, "no JSON\nat all");
        assertThatThrownBy(() -> ReplayRecords.read(file))
                .hasMessageStartingWith(file + " is not a replay record: ")
                .message()
                .doesNotContain("\n");
        assertThatThrownBy(() -> ReplayRecords.read(home.resolve("none")))
                .hasMessage("there is no file " + home.resolve("none"));
    }

    @Test
    void whatDiffersIsNamedAndNothingElse() {
        ReplayRecord packed = RECORD.ended(Optional.of("dd"), new ReplayRecord.Ending("finished", 0));
        assertThat(packed.differences(MACHINE, Optional.of("dd"))).isEmpty();
        var other = new Machine("bb", "tcg", 2, 2L << 30, Map.of("qemu", "10.0.2", "kernel", "k1"));
        assertThat(packed.differences(other, Optional.of("ee")))
                .containsExactly("template qemu: 7.2.22 then, 10.0.2 now", "workspace: digest dd then, ee now");
        assertThat(RECORD.differences(MACHINE, Optional.of("dd")))
                .containsExactly("workspace: the record has no digest of it, since it was not packed to its end");
    }

    @Test
    void theOldestRecordsGo() throws Exception {
        records().write(RECORD);
        Path directory = home.resolve("records");
        Files.setLastModifiedTime(directory.resolve("j1.json"), FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
        assertThat(records().prune()).isZero();
        for (int i = 0; i < ReplayRecords.KEPT; i++) {
            Files.writeString(directory.resolve("n" + i + ".json"), "{}");
        }
        assertThat(records().prune()).isEqualTo(1);
        assertThat(directory.resolve("j1.json")).doesNotExist();
        assertThat(directory.resolve("n0.json")).exists();
    }
}
