package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit as systemd reads it; systemd need not run for that. */
class SystemdUnitIT {
    private static final String PROGRAM = "/usr/bin/systemd-analyze";

    private record Answer(int code, String text) {}

    private static Answer analyze(Path unit, String... words) throws IOException, InterruptedException {
        assertThat(Path.of(PROGRAM))
                .describedAs("./verify installs it (Debian: systemd)")
                .isExecutable();
        var command = new ArrayList<>(List.of(PROGRAM));
        command.addAll(List.of(words));
        command.add(unit.toAbsolutePath().toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Answer(process.exitValue(), text);
    }

    @Test
    void systemdUnderstandsEveryLineOfIt(@TempDir Path directory) throws Exception {
        assertThat(analyze(SystemdUnitTest.UNIT, "verify", "--man=no")).isEqualTo(new Answer(0, ""));
        // A mistake would be seen.
        Path wrong = directory.resolve("thaw-agent.service");
        Files.writeString(wrong, Files.readString(SystemdUnitTest.UNIT).replace("PrivateTmp=", "PrivateTemp="));
        assertThat(analyze(wrong, "verify", "--man=no").text()).contains("PrivateTemp");
    }

    @Test
    void itExposesNoMoreThanItMust() throws Exception {
        Answer found = analyze(SystemdUnitTest.UNIT, "security", "--offline=true", "--no-pager", "--threshold=42");
        assertThat(found.code()).describedAs(found.text()).isZero();
        assertThat(analyze(SystemdUnitTest.UNIT, "security", "--offline=true", "--no-pager", "--threshold=20")
                        .code())
                .isNotZero();
    }
}
