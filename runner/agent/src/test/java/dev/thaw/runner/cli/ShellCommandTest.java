package dev.thaw.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code runner shell} where no guest is kept; ShellIT has those that are. */
@Tag("cli")
@SuppressWarnings("NullAway.Init")
class ShellCommandTest {
    @TempDir
    Path directory;

    private CommandLineProcess runner;

    @BeforeEach
    void prepare() throws Exception {
        runner = new CommandLineProcess(directory).with("RUNNER_RUNTIME", directory.toString());
    }

    @Test
    void thereIsNoGuestToOpenAShellIn() throws Exception {
        runner.run("shell").isFault("usage: no guest is kept; run a job with: runner exec --keep-on-failure");
        runner.run("shell", "abc", "--", "true")
                .isFault("usage: no guest of job abc is kept; a job keeps one that was started with --keep-on-failure"
                        + " and has failed, for as long as its runner says");
    }

    @Test
    void anIdThatCannotBeOneIsWrongUsage() throws Exception {
        runner.run("shell", "../x")
                .isFault("usage: job id must match [a-z0-9][a-z0-9-]{0,39}, got: ../x; see: runner shell --help");
    }

    @Test
    void helpSaysWhatItIsFor() throws Exception {
        var ended = runner.run("shell", "--help");
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).contains("runner shell", "[ID]", "COMMAND", "--keep-on-failure");
    }
}
