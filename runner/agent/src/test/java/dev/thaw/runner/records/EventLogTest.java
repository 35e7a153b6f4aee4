package dev.thaw.runner.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobEventText;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
    private static final JobId ID = new JobId("job-a");
    private static final JobEvent.Moved QUEUED = new JobEvent.Moved(JobState.QUEUED, 0, Sample.NOON);
    private static final JobEvent.Ended ENDED = new JobEvent.Ended(Sample.GREEN, Sample.NOON);

    private final Path root;
    private final JobFolders folders;

    EventLogTest(@TempDir Path root) {
        this.root = root;
        folders = new JobFolders(root, 1000);
    }

    private static void say(EventLog log, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        log.append(JobEvent.Stream.STDOUT, bytes, 0, bytes.length);
    }

    private List<EventStream.Line> lines(long offset) throws Exception {
        var lines = new ArrayList<EventStream.Line>();
        try (EventStream stream = folders.follow(ID, offset)) {
            for (var line = stream.next(Deadline.in(Duration.ZERO));
                    line.isPresent();
                    line = stream.next(Deadline.in(Duration.ZERO))) {
                lines.add(line.get());
            }
        }
        return lines;
    }

    private List<JobEvent> events(long offset) throws Exception {
        return lines(offset).stream()
                .map(line -> JobEventText.parse(line.text()).orElseThrow())
                .toList();
    }

    private String output() throws Exception {
        var out = new ByteArrayOutputStream();
        for (JobEvent event : events(0)) {
            if (event instanceof JobEvent.Log log) {
                out.writeBytes(log.bytes());
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void eventsAreReadBackAsTheyWereWritten() throws Exception {
        EventLog log = folders.open(ID);
        log.append(QUEUED);
        say(log, "hello \u00e9\n");
        log.append(ENDED);

        assertThat(events(0)).hasSize(3).startsWith(QUEUED).endsWith(ENDED);
        assertThat(output()).isEqualTo("hello \u00e9\n");
    }

    @Test
    void aFollowerGoesOnAtEveryOffsetThatItWasTold() throws Exception {
        EventLog log = folders.open(ID);
        for (int i = 0; i < 20; i++) {
            say(log, "line " + i + "\n");
        }
        List<EventStream.Line> all = lines(0);

        for (int i = 0; i < all.size(); i++) {
            assertThat(lines(all.get(i).next())).isEqualTo(all.subList(i + 1, all.size()));
        }
    }

    @Test
    void anOffsetInTheMiddleOfAnEventMeansTheNextOne() throws Exception {
        EventLog log = folders.open(ID);
        say(log, "one");
        say(log, "two");
        List<EventStream.Line> all = lines(0);

        for (long offset = 1; offset <= all.get(0).next(); offset++) {
            assertThat(lines(offset)).isEqualTo(all.subList(1, 2));
        }
        assertThat(lines(Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void aFollowerWaitsForWhatComesAndLearnsOfTheEnd() throws Exception {
        EventLog log = folders.open(ID);
        log.append(QUEUED);
        var followed = CompletableFuture.supplyAsync(() -> {
            var seen = new ArrayList<String>();
            try (EventStream stream = folders.follow(ID, 0)) {
                Optional<EventStream.Line> line = stream.next(Deadline.in(Duration.ofSeconds(30)));
                while (line.isPresent()) {
                    seen.add(line.get().text());
                    line = stream.next(Deadline.in(Duration.ofSeconds(30)));
                }
                assertThat(stream.exhausted()).isTrue();
                return seen;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        say(log, "x");
        log.append(ENDED);
        folders.close(ID);

        assertThat(followed.get(30, TimeUnit.SECONDS)).hasSize(3);
    }

    @Test
    void outputBeyondTheLimitIsNotKeptAndALineSaysSo() throws Exception {
        EventLog log = folders.open(ID);
        say(log, "a".repeat(990));
        say(log, "b".repeat(30));
        say(log, "c");
        log.append(ENDED);

        assertThat(output()).isEqualTo("a".repeat(990) + "b".repeat(10));
        assertThat(events(0))
                .filteredOn(JobEvent.Truncated.class::isInstance)
                .containsExactly(new JobEvent.Truncated(1000));
        assertThat(events(0)).endsWith(ENDED);
    }

    @Test
    void whatAKilledProcessWroteHalfIsCutOff() throws Exception {
        EventLog log = folders.open(ID);
        say(log, "whole");
        log.close();
        Path file = root.resolve("job-a").resolve("events");
        Files.writeString(file, "{\"type\":\"log\",\"str", StandardOpenOption.APPEND);

        EventLog again = folders.open(ID);
        again.append(ENDED);

        assertThat(output()).isEqualTo("whole");
        assertThat(events(0)).hasSize(2).endsWith(ENDED);
    }

    @Test
    void halfALineBehindTheLastEventOfAJobThatIsOverIsNotWaitedFor() throws Exception {
        EventLog log = folders.open(ID);
        say(log, "whole");
        folders.close(ID);
        Files.writeString(
                root.resolve("job-a").resolve("events"), "{\"type\":\"ended\",\"a", StandardOpenOption.APPEND);

        try (EventStream stream = folders.follow(ID, 0)) {
            assertThat(stream.next(Deadline.in(Duration.ZERO))).isPresent();
            assertThat(stream.next(Deadline.in(Duration.ZERO))).isEmpty();
            assertThat(stream.exhausted()).isTrue();
        }
    }

    @Test
    void theEndIsFoundIfThereIsOne() throws Exception {
        assertThat(folders.ending(ID)).isEmpty();
        EventLog log = folders.open(ID);
        assertThat(folders.ending(ID)).isEmpty();
        say(log, "x");
        assertThat(folders.ending(ID)).isEmpty();
        log.append(ENDED);

        assertThat(folders.ending(ID)).contains(ENDED);
    }

    @Test
    void nothingFollowsTheEnd() throws Exception {
        EventLog log = folders.open(ID);
        log.append(ENDED);

        assertThatThrownBy(() -> log.append(QUEUED)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void manyLinesLongerThanABlockAreReadWhole() throws Exception {
        var large = new JobFolders(root, 10 << 20);
        EventLog log = large.open(ID);
        byte[] bytes = new byte[1 << 20];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ((i * 31) >> 3);
        }
        log.append(JobEvent.Stream.STDERR, bytes, 0, bytes.length);

        var out = new ByteArrayOutputStream();
        for (JobEvent event : events(0)) {
            out.writeBytes(((JobEvent.Log) event).bytes());
        }
        assertThat(out.toByteArray()).isEqualTo(bytes);
    }
}
