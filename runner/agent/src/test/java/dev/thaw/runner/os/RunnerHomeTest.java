package dev.thaw.runner.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerHomeTest {
    private final Path directory;

    RunnerHomeTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private Path root(Map<String, String> environment) throws RunnerException {
        return RunnerHome.locate(environment).root();
    }

    @Test
    void theMostParticularWishWins() throws Exception {
        String at = directory.toString();
        assertThat(root(Map.of("RUNNER_HOME", at + "/a", "XDG_DATA_HOME", at + "/b", "HOME", at + "/c")))
                .isEqualTo(directory.resolve("a"));
        assertThat(root(Map.of("XDG_DATA_HOME", at + "/b", "HOME", at + "/c")))
                .isEqualTo(directory.resolve("b/runner"));
        assertThat(root(Map.of("HOME", at + "/c"))).isEqualTo(directory.resolve("c/.local/share/runner"));
    }

    @Test
    void itsDirectoriesAreMade() throws Exception {
        Path root = root(Map.of("RUNNER_HOME", directory.resolve("a/b").toString()));

        assertThat(root.resolve("jobs")).isDirectory();
        assertThat(root.resolve("images")).isDirectory();
        assertThat(root.resolve("templates")).isDirectory();
    }

    @Test
    void socketsGoWhereAShortPathIs() throws Exception {
        Path runtime = Files.createTempDirectory(Path.of("/tmp"), "thaw-test");
        try {
            var environment = Map.of("RUNNER_HOME", directory.toString(), "RUNNER_RUNTIME", runtime.toString());
            assertThat(RunnerHome.locate(environment).runtime()).isEqualTo(runtime.resolve("thaw"));
        } finally {
            JobDirectory.deleteTree(runtime);
        }
    }

    @Test
    void aSessionsRuntimePathTooLongForSocketsIsPassedOver() throws Exception {
        Path runtime = Files.createDirectory(directory.resolve("x".repeat(80)));
        var environment = Map.of("RUNNER_HOME", directory.toString(), "XDG_RUNTIME_DIR", runtime.toString());

        assertThat(RunnerHome.locate(environment).runtime().toString()).hasSizeLessThan(60);
    }

    @Test
    void socketsDoNotGoWhereSomebodyElseCouldPutTheirs() throws Exception {
        Path runtime = Files.createTempDirectory(Path.of("/tmp"), "thaw-test");
        try {
            var environment = Map.of("RUNNER_HOME", directory.toString(), "RUNNER_RUNTIME", runtime.toString());
            Path sockets = Files.createDirectory(runtime.resolve("thaw"));
            for (String mode : List.of("rwxrwx---", "rwx----w-")) {
                Files.setPosixFilePermissions(sockets, PosixFilePermissions.fromString(mode));
                assertIsRefused(environment);
            }
            // The control: it is only the mode that was wrong.
            Files.setPosixFilePermissions(sockets, PosixFilePermissions.fromString("rwx------"));
            assertThat(RunnerHome.locate(environment).runtime()).isEqualTo(sockets);
            Files.delete(sockets);
            Files.createSymbolicLink(sockets, Files.createDirectory(runtime.resolve("elsewhere")));
            assertIsRefused(environment);
        } finally {
            JobDirectory.deleteTree(runtime);
        }
    }

    private static void assertIsRefused(Map<String, String> environment) {
        assertThatThrownBy(() -> RunnerHome.locate(environment))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.HOST))
                .hasMessageContaining("is not a directory that only this user can write to");
    }

    @Test
    void withoutAnyHomeThereIsNoGuess() {
        assertThatThrownBy(() -> RunnerHome.locate(Map.of()))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.HOST))
                .hasMessage("neither RUNNER_HOME nor HOME is set; set RUNNER_HOME");
    }
}
