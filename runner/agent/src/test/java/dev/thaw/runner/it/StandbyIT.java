package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.execution.Guest;
import dev.thaw.runner.execution.RestoredGuests;
import dev.thaw.runner.execution.StandbyGuests;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.vm.MicroVm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Guests that wait: what they are when somebody claims them. */
class StandbyIT {
    private static final int CLONES = 8;
    private static final String RANDOM =
            "cat /proc/sys/kernel/random/uuid /proc/sys/kernel/random/boot_id /etc/machine-id; hostname";

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    private static StandbyGuests standby() throws Exception {
        return new StandbyGuests(new RestoredGuests(Host.restorer()), Host.restorer());
    }

    private static Guest claim(StandbyGuests standby, Template template, long disk) throws Exception {
        return standby.claim(JobId.random(), template, disk, IdentityIT.limit(), Stopwatch.start());
    }

    @Test
    void guestsFromStandbyShareNothingThatShouldBeRandom() throws Exception {
        Template template = Host.template();
        var guests = new ArrayList<Guest>();
        try (StandbyGuests standby = standby()) {
            for (int i = 0; i < CLONES; i++) {
                standby.prepare(template);
            }
            var seen = new HashSet<String>();
            for (int i = 0; i < CLONES; i++) {
                Guest guest = claim(standby, template, template.diskBytes());
                guests.add(guest);
                seen.addAll(IdentityIT.output(guest.session(), RANDOM).lines().toList());
            }
            assertThat(seen).hasSize(4 * CLONES);
            assertThat(standby.hits()).isEqualTo(CLONES);
            assertThat(standby.waiting()).isEmpty();
        } finally {
            guests.forEach(Guest::close);
        }
    }

    /** The control: the gate makes them differ, and not what went before. */
    @Test
    void guestsThatWereExercisedAndPassedNoGateRepeatOneAnother() throws Exception {
        Template template = Host.template();
        var machines = new HashSet<String>();
        var values = new HashSet<String>();
        for (int i = 0; i < CLONES; i++) {
            try (MicroVm vm = Host.restorer()
                            .restore(
                                    JobId.random().value(),
                                    template,
                                    template.diskBytes(),
                                    IdentityIT.limit(),
                                    Stopwatch.start());
                    GuestSession session = GuestSession.open(vm.guestSocket(), IdentityIT.limit())) {
                session.identifyWarming(IdentityIT.limit());
                IdentityIT.output(session, "true");
                session.beginAgain(IdentityIT.limit());
                session.identifyWarming(IdentityIT.limit());
                machines.add(IdentityIT.output(session, "cat /etc/machine-id; hostname"));
                values.add(IdentityIT.output(session, "cat /proc/sys/kernel/random/uuid"));
            }
        }
        assertThat(machines).hasSize(1);
        assertThat(values).hasSizeLessThan(CLONES);
    }

    @Test
    void aGuestThatWaitsStandsStill() throws Exception {
        Template template = Host.template();
        try (StandbyGuests standby = standby()) {
            standby.prepare(template);
            // The control began later and runs: without the pause it would be the younger one.
            try (Guest running = restored(template)) {
                for (int i = 0; i < 3; i++) {
                    standby.prepare(template);
                }
                try (Guest waited = claim(standby, template, template.diskBytes())) {
                    assertThat(uptime(waited)).isLessThan(uptime(running));
                }
            }
        }
    }

    private static Guest restored(Template template) throws Exception {
        return new RestoredGuests(Host.restorer())
                .claim(JobId.random(), template, template.diskBytes(), IdentityIT.limit(), Stopwatch.start());
    }

    private static double uptime(Guest guest) throws Exception {
        return Double.parseDouble(
                IdentityIT.output(guest.session(), "cat /proc/uptime").split(" ", 2)[0]);
    }

    @Test
    void aGuestFromStandbyIsLikeOneThatIsRestoredNow() throws Exception {
        String files = "find /workspace /tmp /var/tmp /home /root /run -xdev | sort; ps -eo args= | grep -v '\\['";
        Template template = Host.template();
        try (StandbyGuests standby = standby();
                Guest now = restored(template)) {
            standby.prepare(template);
            Stopwatch stopwatch = Stopwatch.start();
            long larger = template.diskBytes() + (1L << 30);
            try (Guest guest = standby.claim(new JobId("a-job"), template, larger, IdentityIT.limit(), stopwatch)) {
                assertThat(standby.hits()).isEqualTo(1);
                assertThat(stopwatch.timings().at(Phase.IDENTITY)).isPresent();
                assertThat(stopwatch.timings().at(Phase.OVERLAY)).isEmpty();
                assertThat(IdentityIT.output(guest.session(), files))
                        .contains("/workspace\n")
                        .isEqualTo(IdentityIT.output(now.session(), files));
                assertThat(IdentityIT.output(guest.session(), "blockdev --getsize64 /dev/vda"))
                        .isEqualTo(larger + "\n");
                assertThat(IdentityIT.output(guest.session(), "hostname; tail -n 1 /etc/hosts"))
                        .isEqualTo("thaw-a-job\n127.0.1.1\tthaw-a-job\n");
                assertThat(IdentityIT.output(guest.session(), "grep -v ^127.0.1.1 /etc/hosts"))
                        .isEqualTo(IdentityIT.output(now.session(), "grep -v ^127.0.1.1 /etc/hosts"));
            }
        }
    }

    @Test
    void aGuestThatIsKilledWhileItWaitsIsNeverGivenOut() throws Exception {
        Template template = Host.template();
        try (StandbyGuests standby = standby()) {
            standby.prepare(template);
            ProcessHandle vmm = Runner.vmms(Runner.HOME).get(0);
            assertThat(vmm.destroyForcibly()).isTrue();
            vmm.onExit().join();

            try (Guest guest = claim(standby, template, template.diskBytes())) {
                assertThat(IdentityIT.output(guest.session(), "echo here")).isEqualTo("here\n");
            }
            assertThat(List.of(standby.hits(), standby.misses())).containsExactly(0L, 1L);
            assertThat(standby.dropDead()).isEqualTo(1);
            assertThat(Runner.traces(Runner.HOME)).isEmpty();
        }
    }
}
