package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.execution.Guest;
import dev.thaw.runner.execution.RestoredGuests;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.guest.Identity;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Digests;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.vm.MicroVm;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IdentityIT {
    private static final int CLONES = 8;
    private static final String RANDOM =
            "cat /proc/sys/kernel/random/uuid; head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \\n'; echo;"
                    + " cat /proc/sys/kernel/random/boot_id /etc/machine-id; hostname";

    @Test
    void clonesShareNothingThatShouldBeRandomOnceTheGateIsPassed() throws Exception {
        Template template = Host.template();
        var guests = new ArrayList<Guest>();
        try {
            for (int i = 0; i < CLONES; i++) {
                guests.add(new RestoredGuests(Host.restorer())
                        .claim(JobId.random(), template, template.diskBytes(), limit(), Stopwatch.start()));
            }
            var seen = new HashSet<String>();
            for (Guest guest : guests) {
                List<String> lines = output(guest.session(), RANDOM).lines().toList();
                assertThat(lines).hasSize(5);
                seen.addAll(lines);
            }
            assertThat(seen).hasSize(5 * CLONES);
        } finally {
            guests.forEach(Guest::close);
        }
    }

    @Test
    void withoutTheGateClonesRepeatOneAnother() throws Exception {
        Template template = Host.template();
        var values = new ArrayList<String>();
        for (int i = 0; i < CLONES; i++) {
            try (MicroVm vm = Host.restorer()
                            .restore(
                                    JobId.random().value(),
                                    template,
                                    template.diskBytes(),
                                    limit(),
                                    Stopwatch.start());
                    GuestSession session = GuestSession.open(vm.guestSocket(), limit())) {
                session.identifyWarming(limit());
                values.add(output(session, "cat /proc/sys/kernel/random/uuid").strip());
            }
        }
        assertThat(values).hasSize(CLONES).allMatch(value -> value.length() == 36);
        assertThat(new HashSet<>(values))
                .describedAs("distinct values of ungated clones")
                .hasSizeLessThan(CLONES);
    }

    /** What a restored guest answers to the gate: only its RAM can have told it. */
    static String nonce(Template template) throws Exception {
        try (MicroVm vm = Host.restorer()
                        .restore(JobId.random().value(), template, template.diskBytes(), limit(), Stopwatch.start());
                GuestSession session = GuestSession.open(vm.guestSocket(), limit())) {
            String nonce =
                    session.identify(Identity.random("thaw-nonce"), limit()).bootNonce();
            assertThat(Digests.sha256(nonce)).isEqualTo(template.nonceSha256());
            return nonce;
        }
    }

    static String output(GuestSession session, String script) throws Exception {
        var out = new ByteArrayOutputStream();
        var command = new GuestCommand(
                List.of("/bin/sh", "-c", script), Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "/", "root");
        try (GuestProcess process = session.start(command, new Stdio(null, OutputSink.to(out), OutputSink.to(out)))) {
            assertThat(process.await(limit())).isPresent();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    static Deadline limit() {
        return Deadline.in(Duration.ofMinutes(1));
    }
}
