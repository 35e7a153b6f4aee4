package dev.thaw.runner.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.JobId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final RecordsDatabase database;
    private final JobFolders folders;

    RetentionTest(@TempDir Path directory) throws Exception {
        database = RecordsDatabase.open(directory);
        folders = new JobFolders(directory.resolve("jobs"), 1000);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private JobRecords records(Duration afterNoon) {
        return new JobRecords(database, Clock.fixed(Sample.NOON.plus(afterNoon), ZoneOffset.UTC));
    }

    private void ended(String id, Duration afterNoon, long bytes) throws Exception {
        records(afterNoon).accept(Sample.submission(id, "t1", false), 100);
        folders.open(new JobId(id));
        folders.close(new JobId(id));
        records(afterNoon).ended(new JobId(id), Sample.GREEN, bytes);
    }

    private Object apply(Duration age, long size, Duration afterNoon) throws Exception {
        Clock clock = Clock.fixed(Sample.NOON.plus(afterNoon), ZoneOffset.UTC);
        return new Retention(age, new ByteSize(size)).apply(records(afterNoon), folders, clock);
    }

    @Test
    void whatIsTooOldGoesWithItsFiles() throws Exception {
        ended("old", Duration.ZERO, 10);
        ended("new", DAY, 10);

        assertThat(apply(DAY, 100, DAY.plusHours(1))).isEqualTo(List.of(new JobId("old")));
        assertThat(records(DAY).find(new JobId("old"))).isEmpty();
        assertThat(records(DAY).find(new JobId("new"))).isPresent();
        assertThat(folders.present()).containsExactly(new JobId("new"));
    }

    @Test
    void theOldestGoUntilTheRestIsSmallEnough() throws Exception {
        ended("first", Duration.ZERO, 50);
        ended("second", Duration.ofHours(1), 50);
        ended("third", Duration.ofHours(2), 50);

        apply(DAY, 100, Duration.ofHours(3));

        assertThat(folders.present()).containsExactlyInAnyOrder(new JobId("second"), new JobId("third"));
    }

    @Test
    void aJobThatIsNotOverStaysWhateverItsAge() throws Exception {
        records(Duration.ZERO).accept(Sample.submission("waits", "t1", false), 100);
        folders.open(new JobId("waits"));

        apply(DAY, 0, DAY.multipliedBy(9));

        assertThat(records(DAY).find(new JobId("waits"))).isPresent();
        assertThat(folders.present()).containsExactly(new JobId("waits"));
    }

    @Test
    void workspacesThatAKilledAgentLeftAreSweptAndThoseThatAreStillNeededAreNot() throws Exception {
        var over = new JobId("over");
        ended("over", Duration.ZERO, 1);
        var waits = new JobId("waits");
        records(DAY).accept(Sample.submission("waits", "t1", true), 100);
        folders.open(waits);
        for (JobId id : List.of(over, waits)) {
            Files.writeString(folders.workspace(id), "whole");
            Files.writeString(folders.comingWorkspace(id), "half");
        }
        assertThat(folders.bytes(waits)).isEqualTo("half".length());

        assertThat(Retention.sweep(records(DAY), folders)).isEmpty();

        assertThat(folders.workspace(over)).doesNotExist();
        assertThat(folders.comingWorkspace(over)).doesNotExist();
        assertThat(folders.workspace(waits)).hasContent("whole");
        assertThat(folders.comingWorkspace(waits)).doesNotExist();
    }

    @Test
    void filesThatNoRecordTellsOfAreSwept() throws Exception {
        ended("known", Duration.ZERO, 1);
        folders.open(new JobId("unknown"));
        folders.close(new JobId("unknown"));

        assertThat(Retention.sweep(records(DAY), folders)).containsExactly(new JobId("unknown"));
        assertThat(folders.present()).containsExactly(new JobId("known"));
    }
}
