package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Working directories that are not what one would wish, in real guests. */
class WorkspaceIT {
    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    @Test
    void linkLoopsHolesAndNamesArriveAndWhatCannotIsNamed() throws Exception {
        Files.createSymbolicLink(work.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(work.resolve("b"), Path.of("a"));
        Files.createSymbolicLink(Files.createDirectory(work.resolve("dir")).resolve("up"), Path.of(".."));
        assertThat(new ProcessBuilder("mkfifo", work.resolve("fifo").toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(new ProcessBuilder(
                                "truncate", "--size=2G", work.resolve("hole").toString())
                        .start()
                        .waitFor())
                .isZero();
        var ended = runner.run(
                        work,
                        "exec",
                        "--",
                        "sh",
                        "-c",
                        "find . | LC_ALL=C sort; stat -c %s hole; du -k hole; readlink a")
                .expect(0);
        assertThat(ended.out()).isEqualTo(".\n./a\n./b\n./dir\n./dir/up\n./hole\n2147483648\n0\thole\nb\n");
        assertThat(ended.err()).isEqualTo("runner: workspace: sockets, FIFOs and devices stay here: fifo\n");
    }

    @Test
    void aTreeThatIsLargerThanTheDiskIsOneLineThatNamesTheOption() throws Exception {
        // As many names of one file as it takes: each is a file of its own in the guest.
        byte[] content = new byte[128 << 20];
        Arrays.fill(content, (byte) 'x');
        Path file = Files.write(work.resolve("file"), content);
        for (int i = 0; i < 64; i++) {
            Files.createLink(work.resolve("name" + i), file);
        }
        var ended = runner.run(work, "exec", "--artifact", "out", "--", "touch", "out")
                .expect(125);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err().lines().toList())
                .isEqualTo(List.of("runner: workspace: the workspace does not fit on the guest's disk of 8GiB, of which"
                        + " the template takes a part; ask for a larger one with --disk"));
        assertThat(work.resolve("thaw-artifacts")).doesNotExist();
    }
}
