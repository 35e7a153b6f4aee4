package dev.thaw.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code runner} as a process of its own, with a home and a working directory of its own. */
final class CommandLineProcess {
    static final Path IMAGES = images();
    private static final long LIMIT_SECONDS = 60;

    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private List<String> outer = List.of();

    /** In this directory, which also gets the home and the outputs. */
    CommandLineProcess(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory.resolve("work"));
        environment.put("RUNNER_HOME", directory.resolve("home").toString());
        environment.put("RUNNER_IMAGES", IMAGES.toString());
        environment.put("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
    }

    /** How it ended. */
    record Ended(int code, String out, String err) {
        /** Exactly this on standard error, code 125 and nothing on standard output. */
        void isFault(String message) {
            assertThat(err).isEqualTo("runner: " + message + "\n");
            assertThat(out).isEmpty();
            assertThat(code).isEqualTo(125);
        }
    }

    /** The working directory. */
    Path directory() {
        return directory;
    }

    CommandLineProcess with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    CommandLineProcess without(String name) {
        environment.remove(name);
        return this;
    }

    /** As the last words of another command, until told otherwise. */
    CommandLineProcess under(String... words) {
        outer = List.of(words);
        return this;
    }

    Ended run(String... words) throws IOException, InterruptedException {
        var command = new ArrayList<>(outer);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.thaw.runner.Main"));
        command.addAll(List.of(words));
        Path out = directory.resolveSibling("out");
        Path err = directory.resolveSibling("err");
        var builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static Path images() {
        Path start = Path.of("").toAbsolutePath();
        for (Path at = start; at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("vm-images"))) {
                return at.resolve("vm-images");
            }
        }
        throw new AssertionError("no vm-images above " + start);
    }
}
