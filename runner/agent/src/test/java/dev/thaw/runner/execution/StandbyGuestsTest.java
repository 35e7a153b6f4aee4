package dev.thaw.runner.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who gets which guest; that a guest itself wakes is StandbyIT's. */
class StandbyGuestsTest {
    private static final Template DOCKER = template("docker", "1");
    private static final Template ANEW = template("docker", "2");

    private final List<String> events = new ArrayList<>();
    private final List<Fake> made = new ArrayList<>();
    private final StandbyGuests guests = new StandbyGuests(this::restore, this::make);

    private static Template template(String name, String snapshot) {
        return new Template(
                Path.of("/templates/key"),
                "key",
                name,
                new Size(2, new ByteSize(2L << 30)),
                Instant.EPOCH,
                Map.of(),
                List.of(),
                snapshot,
                8L << 30,
                0,
                Map.of());
    }

    /** A restore whose guest nobody can use, which is told apart by its fault. */
    private Guest restore(JobId id, Template template, long disk, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException {
        events.add("restore");
        throw new RunnerException(Fault.NO_SPACE, "restored now");
    }

    private Standby make(Template template) {
        var fake = new Fake(made.size(), template);
        made.add(fake);
        return fake;
    }

    /** Wakes into what the test wants, which is never a guest: those are machines. */
    private final class Fake implements Standby {
        private final int number;
        private final Template template;
        private boolean alive = true;
        private Runnable gone = () -> {};
        private boolean sleepsOn;

        Fake(int number, Template template) {
            this.number = number;
            this.template = template;
        }

        void die() {
            alive = false;
            gone.run();
        }

        @Override
        public Template template() {
            return template;
        }

        @Override
        public boolean alive() {
            return alive;
        }

        @Override
        public void whenGone(Runnable told) {
            gone = told;
        }

        @Override
        public Guest wake(JobId id, long disk, Deadline deadline, Stopwatch stopwatch)
                throws RunnerException, InterruptedException {
            events.add("wake " + number);
            if (sleepsOn) {
                throw new RunnerException(Fault.RESTORE, "it sleeps on");
            }
            throw new InterruptedException("woken");
        }

        @Override
        public void close() {
            events.add("discard " + number);
        }
    }

    private void claim(Template template) throws RunnerException, InterruptedException {
        guests.claim(
                JobId.random(), template, template.diskBytes(), Deadline.in(Duration.ofMinutes(1)), Stopwatch.start());
    }

    private void claimRestored(Template template) {
        assertThatThrownBy(() -> claim(template)).hasMessage("restored now");
    }

    @Test
    void aJobGetsTheGuestThatHasWaitedLongestAndNobodyGetsItAgain() throws Exception {
        guests.prepare(DOCKER);
        guests.prepare(DOCKER);

        assertThatThrownBy(() -> claim(DOCKER)).hasMessage("woken");
        assertThat(guests.waiting()).containsExactly(DOCKER);
        assertThatThrownBy(() -> claim(DOCKER)).hasMessage("woken");
        assertThat(guests.waiting()).isEmpty();
        claimRestored(DOCKER);
        assertThat(events).containsExactly("wake 0", "discard 0", "wake 1", "discard 1", "restore");
    }

    @Test
    void aGuestOfAnotherSnapshotIsNobodysEvenUnderTheSameKey() throws Exception {
        guests.prepare(DOCKER);

        claimRestored(ANEW);

        assertThat(events).containsExactly("restore");
        assertThat(guests.waiting()).containsExactly(DOCKER);
        assertThat(guests.misses()).isEqualTo(1);
    }

    @Test
    void aGuestThatDoesNotWakeIsDiscardedAndTheJobGetsOneThatIsRestored() throws Exception {
        guests.prepare(DOCKER);
        made.get(0).sleepsOn = true;

        claimRestored(DOCKER);

        assertThat(events).containsExactly("wake 0", "discard 0", "restore");
        assertThat(guests.hits()).isZero();
        assertThat(guests.misses()).isEqualTo(1);
    }

    @Test
    void aJobWhoseTimeIsUpGetsNoSecondGuest() throws Exception {
        guests.prepare(DOCKER);
        made.get(0).sleepsOn = true;

        assertThatThrownBy(() -> guests.claim(
                        JobId.random(), DOCKER, DOCKER.diskBytes(), Deadline.in(Duration.ZERO), Stopwatch.start()))
                .hasMessage("it sleeps on");

        assertThat(events).containsExactly("wake 0", "discard 0");
    }

    @Test
    void aDeadGuestIsNeverGivenOut() throws Exception {
        guests.prepare(DOCKER);
        guests.prepare(DOCKER);
        made.get(0).die();

        assertThatThrownBy(() -> claim(DOCKER)).hasMessage("woken");
        assertThat(guests.dropDead()).isEqualTo(1);

        assertThat(events).containsExactly("wake 1", "discard 1", "discard 0");
        assertThat(guests.waiting()).isEmpty();
    }

    @Test
    void whoeverWaitedLeastIsDroppedFirst() throws Exception {
        guests.prepare(DOCKER);
        guests.prepare(DOCKER);
        guests.prepare(ANEW);

        guests.drop(DOCKER);

        assertThat(events).containsExactly("discard 1");
        assertThat(guests.waiting()).containsExactly(DOCKER, ANEW);
    }

    @Test
    void closedNothingWaitsAndNothingComesToWait() throws Exception {
        guests.prepare(DOCKER);

        guests.close();
        guests.prepare(DOCKER);

        assertThat(events).containsExactly("discard 0", "discard 1");
        claimRestored(DOCKER);
    }

    @Test
    void claimsAndDeathsAreTold() throws Exception {
        guests.whenChanged(() -> events.add("changed"));
        guests.prepare(DOCKER);

        made.get(0).die();
        claimRestored(DOCKER);

        assertThat(events).containsExactly("changed", "restore", "changed");
    }
}
