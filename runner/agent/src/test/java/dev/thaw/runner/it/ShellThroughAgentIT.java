package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every case of {@link ShellIT} once more, with an agent on this host that keeps the guests. */
class ShellThroughAgentIT extends ShellIT {
    @RegisterExtension
    static final AgentOfThisHost AGENT = new AgentOfThisHost();

    /** Here the agent keeps the guest, and who asked for it can come back. */
    @Test
    @Override
    void aKilledKeeperIsReapedAndAGreenJobKeepsNothing() throws Exception {
        runner.run(work, "exec", "--keep-on-failure", "--", "true").expect(0);

        Process keeper = keeper("--", "false");
        String id = awaitKept(keeper, 1);
        keeper.destroyForcibly();
        assertThat(keeper.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(runner.runOn("id -un\n", work, "shell", id).expect(0).out()).isEqualTo("build\n");
        runner.run(work, "cancel", id).expect(0);
        Runner.await(
                "the guest is gone",
                Duration.ofSeconds(60),
                () -> Runner.traces(Runner.HOME).isEmpty());
    }
}
