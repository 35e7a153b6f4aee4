package dev.thaw.runner.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobRecordsTest {
    private static final JobId A = new JobId("job-a");

    private final RecordsDatabase database;
    private final JobRecords records;

    JobRecordsTest(@TempDir Path directory) throws Exception {
        database = RecordsDatabase.open(directory);
        records = new JobRecords(database, Clock.fixed(Sample.NOON, ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static Caller caller(String token, Scope... scopes) {
        return new Caller.TokenHolder(
                new Token(token, "somebody", Set.of(scopes), Sample.NOON, Optional.empty(), Optional.empty()));
    }

    private static JobFilter all(Caller caller) {
        return new JobFilter(caller, Optional.empty(), Optional.empty(), Optional.empty(), 50);
    }

    private List<String> ids(JobFilter filter) throws Exception {
        return records.list(filter).stream()
                .map(job -> job.submission().id().value())
                .toList();
    }

    @Test
    void aSubmissionIsReadBackAsItWas() throws Exception {
        Submission asked = Sample.submission("job-a", "t1", "key", "digest");

        records.accept(asked, 10);

        JobRecord job = records.find(A).orElseThrow();
        assertThat(job.submission()).isEqualTo(asked);
        assertThat(job.state()).isEqualTo(JobState.QUEUED);
        assertThat(job.attempts()).isZero();
        assertThat(job.ending()).isEmpty();
    }

    @Test
    void aJobGoesFromUploadToItsEnd() throws Exception {
        records.accept(Sample.submission("job-a", "t1", true), 10);
        assertThat(records.find(A).orElseThrow().state()).isEqualTo(JobState.UPLOADING);
        records.queued(A);
        records.started(A);
        assertThat(records.find(A).orElseThrow().attempts()).isEqualTo(1);
        records.ended(A, Sample.GREEN, 100);

        JobRecord job = records.find(A).orElseThrow();
        assertThat(job.state()).isEqualTo(JobState.ENDED);
        assertThat(job.ending()).contains(Sample.GREEN);
        assertThat(job.ended()).contains(Sample.NOON);
        assertThat(records.unfinished()).isEmpty();
    }

    @Test
    void aJobEndsOnce() throws Exception {
        records.accept(Sample.submission("job-a", "t1", false), 10);
        records.ended(A, Sample.GREEN, 0);
        records.ended(A, JobEnding.cancelled(), 0);

        assertThat(records.find(A).orElseThrow().ending()).contains(Sample.GREEN);
    }

    @Test
    void theSameRequestIsTheSameJobAndAnotherOneUnderItsKeyIsNone() throws Exception {
        records.accept(Sample.submission("job-a", "t1", "key", "digest"), 10);

        assertThat(records.accept(Sample.submission("job-b", "t1", "key", "digest"), 10))
                .isInstanceOfSatisfying(
                        Acceptance.Replayed.class,
                        replayed -> assertThat(replayed.job().submission().id()).isEqualTo(A));
        assertThat(records.accept(Sample.submission("job-c", "t1", "key", "other"), 10))
                .isEqualTo(new Acceptance.KeyTaken());
        assertThat(records.accept(Sample.submission("job-d", "t2", "key", "other"), 10))
                .isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    void noMoreMayWaitThanMayAndAReplayIsNotOneMore() throws Exception {
        records.accept(Sample.submission("job-a", "t1", "key", "digest"), 1);

        assertThat(records.accept(Sample.submission("job-b", "t1", false), 1)).isEqualTo(new Acceptance.Full(1));
        assertThat(records.accept(Sample.submission("job-c", "t1", "key", "digest"), 1))
                .isInstanceOf(Acceptance.Replayed.class);
        records.started(A);
        assertThat(records.accept(Sample.submission("job-d", "t1", false), 1)).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    void othersJobsAreNotListed() throws Exception {
        records.accept(Sample.submission("job-a", "t1", false), 10);
        records.accept(Sample.submission("job-b", "t2", false), 10);

        assertThat(ids(all(caller("t1", Scope.READ)))).containsExactly("job-a");
        assertThat(ids(all(caller("t3", Scope.READ)))).isEmpty();
        assertThat(ids(all(caller("t3", Scope.ADMIN)))).containsExactly("job-b", "job-a");
        assertThat(ids(all(new Caller.JobHolder(new JobId("job-b"))))).containsExactly("job-b");
    }

    @Test
    void pagesTogetherAreTheWholeListWhateverIsAddedMeanwhile() throws Exception {
        for (int i = 0; i < 7; i++) {
            records.accept(Sample.submission("job-" + i, "t1", false), 100);
        }
        var seen = new ArrayList<String>();
        Optional<Long> before = Optional.empty();
        while (true) {
            List<JobRecord> page = records.list(
                    new JobFilter(caller("t1", Scope.READ), Optional.empty(), Optional.empty(), before, 3));
            if (page.isEmpty()) {
                break;
            }
            page.forEach(job -> seen.add(job.submission().id().value()));
            before = Optional.of(page.get(page.size() - 1).number());
            records.accept(Sample.submission("later-" + seen.size(), "t1", false), 100);
        }

        assertThat(seen).containsExactly("job-6", "job-5", "job-4", "job-3", "job-2", "job-1", "job-0");
    }

    @Test
    void jobsAreFoundByStateAndOutcome() throws Exception {
        records.accept(Sample.submission("job-a", "t1", false), 10);
        records.accept(Sample.submission("job-b", "t1", true), 10);
        records.ended(A, Sample.GREEN, 0);
        Caller caller = caller("t1", Scope.READ);

        assertThat(ids(new JobFilter(caller, Optional.of(JobState.UPLOADING), Optional.empty(), Optional.empty(), 50)))
                .containsExactly("job-b");
        assertThat(ids(new JobFilter(caller, Optional.empty(), Optional.of("finished"), Optional.empty(), 50)))
                .containsExactly("job-a");
    }

    @Test
    void aJobThatIsForgottenLeavesNoTokenThatIsGoodForIt() throws Exception {
        var tokens = new Tokens(database, Clock.fixed(Sample.NOON, ZoneOffset.UTC));
        records.accept(Sample.submission("job-a", "t1", false), 10);
        String text = tokens.createForJob(A);
        assertThat(tokens.caller(text)).contains(new Caller.JobHolder(A));

        records.forget(A);

        assertThat(tokens.caller(text)).isEmpty();
    }
}
