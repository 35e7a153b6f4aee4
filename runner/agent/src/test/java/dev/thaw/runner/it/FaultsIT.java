package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Things that break in the middle. */
class FaultsIT {
    private static final String WAIT = "echo up; sleep 600";

    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();

    private final List<Process> startedOnes = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() throws Exception {
        try {
            assertThat(Runner.traces(Runner.HOME)).isEmpty();
        } finally {
            startedOnes.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void aVmmThatIsKilledIsALostGuest() throws Exception {
        Process process = started("exec", "--json", "--", "sh", "-c", WAIT);
        for (ProcessHandle vmm : Runner.vmms(Runner.HOME)) {
            ProcessHandle.of(CageIT.qemu(vmm)).orElseThrow().destroyForcibly();
        }
        var ended = Runner.finish(process, "").expect(125);
        assertThat(ended.err()).contains("runner: guest lost: ");
        var fault = new JsonMapper()
                .readTree(ended.err().lines().findFirst().orElse(""))
                .path("fault");
        assertThat(fault.path("kind").asText()).isEqualTo("guest lost");
        assertThat(fault.path("retryable").asBoolean()).isTrue();
    }

    @Test
    void aGuestdThatIsKilledIsALostGuest() throws Exception {
        var ended = runner.run(work, "exec", "--", "sh", "-c", "sudo pkill -KILL -x guestd; sleep 60")
                .expect(125);
        assertThat(ended.err()).contains("runner: guest lost: ").contains("its console says");
    }

    @Test
    void aKernelPanicIsALostGuestWithItsReason() throws Exception {
        var ended = runner.run(
                        work,
                        "exec",
                        "--user",
                        "root",
                        "--",
                        "sh",
                        "-c",
                        "echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger; sleep 60")
                .expect(125);
        assertThat(ended.err())
                .contains("runner: guest lost: ")
                .contains("Kernel panic - not syncing: sysrq triggered crash");
    }

    @Test
    void aStrictUmaskIsNoObstacle() throws Exception {
        var strict = Runner.shared().under(List.of("sh", "-c", "umask 077; exec \"$@\"", "strict"));
        assertThat(strict.run(work, "exec", "--", "id", "-un").expect(0).out()).isEqualTo("build\n");
    }

    @Test
    void aGuestThatSwitchesItselfOffIsALostGuest() throws Exception {
        var ended = runner.run(
                        work, "exec", "--user", "root", "--", "sh", "-c", "echo b > /proc/sysrq-trigger; sleep 60")
                .expect(125);
        assertThat(ended.err()).contains("runner: guest lost: ");
    }

    @Test
    void whatAKilledRunnerLeftIsReapedAndWhatALiveOneOwnsIsNot() throws Exception {
        Process dead = started("exec", "--", "sh", "-c", WAIT);
        Process live = started("exec", "-i", "--", "sh", "-c", "echo up; read line; echo $line");
        assertThat(Runner.vmms(Runner.HOME)).hasSize(2);
        dead.destroyForcibly().waitFor();
        // The cage dies with its parent, without anybody's help.
        Runner.await(
                "the dead runner's machine is gone",
                Duration.ofSeconds(20),
                () -> Runner.vmms(Runner.HOME).size() == 1);
        assertThat(runner.run(work, "doctor").out()).contains("1 of runners that died");
        assertThat(runner.run(work, "gc").expect(0).out()).containsPattern("removed job j[a-z0-9]+");
        assertThat(Runner.traces(Runner.HOME)).hasSize(2);
        live.outputWriter().append("still here\n").flush();
        assertThat(live.inputReader().readLine()).isEqualTo("still here");
        Runner.finish(live, "").expect(0);
    }

    @Test
    void theNextRunReapsToo() throws Exception {
        Process dead = started("exec", "--", "sh", "-c", WAIT);
        dead.destroyForcibly().waitFor();
        assertThat(Runner.traces(Runner.HOME)).isNotEmpty();
        runner.run(work, "exec", "--", "true").expect(0);
    }

    @Test
    void aGuestThatFloodsItsConsoleOrItsOutputIsStillDestroyedInTime() throws Exception {
        var ended = runner.run(
                        work,
                        "exec",
                        "--timeout",
                        "5s",
                        "--user",
                        "root",
                        "--",
                        "sh",
                        "-c",
                        "yes > /dev/console & trap '' TERM INT; while :; do :; done")
                .expect(124);
        assertThat(ended.err()).contains("the guest was destroyed");
    }

    private Process started(String... words) throws Exception {
        Process process = runner.start(List.of(words), work);
        startedOnes.add(process);
        assertThat(process.inputReader().readLine()).isEqualTo("up");
        return process;
    }
}
