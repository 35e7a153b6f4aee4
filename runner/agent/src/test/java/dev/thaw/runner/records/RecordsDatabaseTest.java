package dev.thaw.runner.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordsDatabaseTest {
    private final Path directory;

    RecordsDatabaseTest(@TempDir Path parent) {
        directory = parent.resolve("agent");
    }

    private void create() throws Exception {
        try (RecordsDatabase database = RecordsDatabase.open(directory)) {
            new JobRecords(database, Clock.systemUTC()).accept(Sample.submission("job-a", "t1", false), 1);
        }
    }

    private static Fault fault(Throwable e) {
        return ((RunnerException) e).fault();
    }

    @Test
    void whatWasWrittenIsThereWhenItIsOpenedAgain() throws Exception {
        create();

        try (RecordsDatabase database = RecordsDatabase.open(directory)) {
            assertThat(new JobRecords(database, Clock.systemUTC()).find(new JobId("job-a")))
                    .isPresent();
        }
    }

    @Test
    void onlyItsOwnerMayLookIntoTheDirectory() throws Exception {
        create();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
    }

    @Test
    void whatAKilledProcessHadCommittedIsThereAndNothingIsTorn() throws Exception {
        Process writer = start("write");
        String last = "";
        for (int i = 0; i < 20; i++) {
            last = String.valueOf(writer.inputReader().readLine());
        }
        writer.destroyForcibly().waitFor();

        try (RecordsDatabase database = RecordsDatabase.open(directory)) {
            var records = new JobRecords(database, Clock.systemUTC());
            assertThat(last).isEqualTo("job-19");
            for (int i = 0; i < 20; i++) {
                assertThat(records.find(new JobId("job-" + i)))
                        .hasValueSatisfying(
                                job -> assertThat(job.submission().spec()).isEqualTo(Sample.SPEC));
            }
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsDamaged() throws Exception {
        create();
        Files.deleteIfExists(directory.resolve("records.db-wal"));
        Files.writeString(directory.resolve("records.db"), "these are no records at all\n".repeat(400));

        assertThatThrownBy(() -> RecordsDatabase.open(directory))
                .satisfies(e -> assertThat(fault(e)).isEqualTo(Fault.RECORDS))
                .hasMessageMatching("the records in .*/records\\.db are damaged \\(.*\\); put a copy in its place, or"
                        + " move the file away to begin anew");
    }

    @Test
    void aFileWithTornPagesIsDamaged() throws Exception {
        create();
        byte[] bytes = Files.readAllBytes(directory.resolve("records.db"));
        for (int i = 4096; i < bytes.length; i += 4096) {
            bytes[i] = 0x55;
        }
        Files.write(directory.resolve("records.db"), bytes);

        assertThatThrownBy(() -> RecordsDatabase.open(directory))
                .satisfies(e -> assertThat(fault(e)).isEqualTo(Fault.RECORDS))
                .hasMessageContaining("are damaged");
    }

    @Test
    void aFileThatSomebodyHoldsIsLocked() throws Exception {
        create();
        Process holder = start("hold");
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            assertThatThrownBy(() -> RecordsDatabase.open(directory))
                    .satisfies(e -> assertThat(fault(e)).isEqualTo(Fault.RECORDS))
                    .hasMessageContaining("are locked by another process; end it and try again");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        RecordsDatabase.open(directory).close();
    }

    @Test
    void aFileOfANewerVersionIsRefused() throws Exception {
        create();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("records.db"));
                var statement = connection.createStatement()) {
            statement.execute("INSERT INTO flyway_schema_history SELECT 99, '99', 'new', type, 'V99__new.sql', 1,"
                    + " installed_by, installed_on, 1, 1 FROM flyway_schema_history WHERE version = '1'");
        }

        assertThatThrownBy(() -> RecordsDatabase.open(directory))
                .satisfies(e -> assertThat(fault(e)).isEqualTo(Fault.RECORDS))
                .hasMessageContaining("are of another version of the runner");
    }

    private Process start(String what) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DatabaseUser.class.getName(),
                        what,
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
