package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a newcomer sees: the README's first command, as an ordinary user with sudo, where nothing is installed. */
@Tag("full")
class FirstRunIT {
    private static final long LIMIT_MINUTES = 20;

    @TempDir
    Path work = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"bookworm", "trixie"})
    void theFirstCommandInstallsBuildsAndRunsOnAFreshDebian(String suite) throws Exception {
        Path said = work.resolve("said");
        Process run = new ProcessBuilder(
                        "bash", Runner.ROOT.resolve("runner/first-run/run").toString(), suite)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        boolean inTime;
        try {
            inTime = run.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
        } finally {
            // Not forcibly: it takes the fresh Debian with it.
            run.destroy();
        }
        assertThat(run.waitFor()).describedAs(Files.readString(said)).isZero();
        assertThat(inTime).isTrue();
        assertThat(Files.readString(said)).contains("newcomer: all is well").endsWith("passed on " + suite + "\n");
    }
}
