package dev.thaw.runner.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a process of its own that may read no more than its user may: root without its capabilities, or nobody special. */
class UnreadableFilesTest {
    @TempDir
    private Path workspace = Path.of("");

    @Test
    void aFileOrDirectoryThatMayNotBeReadIsNamed() throws Exception {
        Path file = Files.writeString(workspace.resolve("secret"), "x");
        // The control: it is the permission and nothing else.
        assertThat(pack()).isEqualTo("packed 1");
        permit(file, "---------");
        assertThat(pack()).isEqualTo("cannot pack secret: permission denied");
        permit(file, "rw-------");
        Path inner = Files.createDirectories(workspace.resolve("a/b"));
        permit(inner, "---------");
        try {
            assertThat(pack()).isEqualTo("cannot pack a/b: permission denied");
        } finally {
            permit(inner, "rwx------");
        }
    }

    private static void permit(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private String pack() throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        if ((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0) {
            command.addAll(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Packing.class.getName(),
                workspace.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return output.strip();
        } finally {
            process.destroyForcibly();
        }
    }

    /** The program of that process. */
    static final class Packing {
        private Packing() {}

        public static void main(String[] arguments) throws IOException {
            try {
                var packed = new WorkspacePacker().pack(Path.of(arguments[0]), OutputStream.nullOutputStream());
                System.out.println("packed " + packed.files());
            } catch (RunnerException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
