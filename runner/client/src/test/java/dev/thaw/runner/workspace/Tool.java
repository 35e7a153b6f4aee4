package dev.thaw.runner.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of the host that say whether an archive is what others expect: git and GNU tar. */
final class Tool {
    private Tool() {}

    /** Runs git for nobody: without the configuration of the host and of who runs the tests. */
    static String git(Path directory, String... words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("git", "-c", "protocol.file.allow=always", "-c", "user.name=a"));
        command.addAll(List.of("-c", "user.email=a@example.org"));
        command.addAll(List.of(words));
        return run(directory, new File("/dev/null"), command);
    }

    /** Packs a directory and has GNU tar lay it out again, as in a guest; returns what was said about it. */
    static PackedWorkspace packAndUnpack(Path directory, Path target) throws Exception {
        Path archive = Files.createTempFile("thaw-test", ".tar");
        try {
            PackedWorkspace packed;
            try (var out = Files.newOutputStream(archive)) {
                Path nowhere = directory.resolve("no-such-home");
                packed = new WorkspacePacker(new GitUser(nowhere, nowhere, nowhere)).pack(directory, out);
            }
            // The guest's user owns what it unpacks; git refuses what belongs to somebody else, as it would to root
            // here.
            var command = List.of("tar", "--extract", "--preserve-permissions", "--no-same-owner", "--file=-");
            assertThat(run(target, archive.toFile(), command)).isEmpty();
            return packed;
        } finally {
            Files.delete(archive);
        }
    }

    static String run(Path directory, File input, List<String> command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(input);
        builder.environment()
                .putAll(java.util.Map.of(
                        "HOME",
                        "/nonexistent",
                        "GIT_CONFIG_NOSYSTEM",
                        "1",
                        "LC_ALL",
                        "C.UTF-8",
                        "GIT_TERMINAL_PROMPT",
                        "0"));
        builder.environment().remove("XDG_CONFIG_HOME");
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .describedAs("%s: %s", command, output)
                    .isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
