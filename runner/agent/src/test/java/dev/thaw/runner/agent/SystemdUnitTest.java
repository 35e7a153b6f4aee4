package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.job.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The unit beside what it relies on; SystemdUnitIT has systemd read it. */
class SystemdUnitTest {
    static final Path UNIT = Path.of("systemd/thaw-agent.service");

    private static List<String> values(String key) throws IOException {
        return Files.readAllLines(UNIT).stream()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .toList();
    }

    @Test
    void whoIsToldToStopHasTheTimeToDrainAndToDiscard() throws Exception {
        var host = new Demand(2, new ByteSize(1L << 30), new ByteSize(1L << 30));
        Duration drain = new AgentConfigFile(host).absent().drain();
        String limit = values("TimeoutStopSec").get(0);
        assertThat(limit).endsWith("min");
        assertThat(Duration.ofMinutes(Long.parseLong(limit.substring(0, limit.length() - 3))))
                .isGreaterThanOrEqualTo(drain.plusMinutes(1))
                .isLessThan(drain.plusMinutes(5));
    }

    @Test
    void oneSignalOrOneFullMemoryIsNotTheEndOfEveryGuest() throws Exception {
        assertThat(values("KillMode")).containsExactly("mixed");
        assertThat(values("OOMPolicy")).containsExactly("continue");
    }

    @Test
    void whatTheCageNeedsIsLeft() throws Exception {
        assertThat(values("CapabilityBoundingSet").toString())
                .contains("CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP");
        assertThat(values("RestrictNamespaces")).containsExactly("cgroup ipc mnt net pid uts");
        assertThat(values("DeviceAllow")).containsExactly("/dev/kvm rw");
        // A guest's user could not get into its job directory.
        assertThat(values("UMask")).containsExactly("0022");
        // QEMU without KVM and the JVM run code that they have written.
        assertThat(values("MemoryDenyWriteExecute")).isEmpty();
    }

    @Test
    void whatItStartsIsWhereTheInstructionsPutIt() throws Exception {
        assertThat(values("ExecStart").get(0)).endsWith("/opt/thaw/runner/agent/target/runner.jar agent");
        assertThat(values("Environment").toString())
                .contains("RUNNER_HOME=/var/lib/runner", "RUNNER_IMAGES=/opt/thaw/vm-images");
        assertThat(values("StateDirectory")).containsExactly("runner");
        assertThat(values("StateDirectoryMode")).containsExactly("0700");
    }
}
