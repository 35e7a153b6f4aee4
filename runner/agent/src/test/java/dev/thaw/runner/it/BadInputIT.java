package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Working directories and globs with which something is wrong: a line each, the right code, nothing half-written. */
class BadInputIT {
    private static final List<String> LEAVES_A_FILE =
            List.of("exec", "--artifact", "made", "--", "sh", "-c", "echo ran; touch made");
    private static final int SOMEBODY_ELSE = 4242;

    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    @Test
    void aFileThatMayNotBeReadIsNamedAndNothingRuns() throws Exception {
        Path secret = Files.writeString(work.resolve("secret"), "x");
        // The control: it is the permission and nothing else.
        assertThat(asSomebodyToWhomOthersAreClosed().expect(0).out()).isEqualTo("ran\n");
        Files.delete(work.resolve("thaw-artifacts/made"));
        Files.delete(work.resolve("thaw-artifacts"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        if (isRoot()) {
            Files.setAttribute(secret, "unix:uid", SOMEBODY_ELSE);
        }
        nothingRan(asSomebodyToWhomOthersAreClosed(), "runner: workspace: cannot pack secret: permission denied");
    }

    /** Root may read everything, but not as the root of a user namespace in which the file's owner is nobody. */
    private Runner.Ended asSomebodyToWhomOthersAreClosed() throws Exception {
        if (!isRoot()) {
            return Runner.finish(runner.start(LEAVES_A_FILE, work), "");
        }
        Process process = Runner.shared()
                .under(List.of("unshare", "--user", "sh", "-c", "echo in; read go; exec \"$@\"", "sh"))
                .start(LEAVES_A_FILE, work);
        assertThat(process.inputReader().readLine()).isEqualTo("in");
        // Root, and the users that guests run as.
        for (String map : List.of("uid_map", "gid_map")) {
            Files.writeString(Path.of("/proc/" + process.pid(), map), "0 0 1\n1900000000 1900000000 65536\n");
        }
        return Runner.finish(process, "go\n");
    }

    private static boolean isRoot() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }

    @Test
    void aFileThatChangesWhileItIsPackedIsNamedAndNothingRuns() throws Exception {
        // More than fits between the packer and the guest: it is packed to its end only once a guest takes it.
        Path log = Files.writeString(work.resolve("build.log"), "a line\n".repeat(2 << 20));
        var stop = new AtomicBoolean();
        var writer = CompletableFuture.runAsync(() -> {
            while (!stop.get()) {
                append(log);
            }
        });
        try {
            nothingRan(
                    Runner.finish(runner.start(LEAVES_A_FILE, work), ""),
                    "runner: workspace: cannot pack build.log: it grew meanwhile; stop what writes it and try again");
        } finally {
            stop.set(true);
            writer.join();
        }
        // The control: the same file at rest.
        Runner.finish(runner.start(LEAVES_A_FILE, work), "").expect(0);
        assertThat(work.resolve("thaw-artifacts/made")).exists();
    }

    private static void append(Path log) {
        try {
            Files.writeString(log, "x", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void nothingRan(Runner.Ended ended, String line) {
        ended.expect(125);
        assertThat(ended.err()).isEqualTo(line + "\n");
        assertThat(ended.out()).isEmpty();
        assertThat(work.resolve("thaw-artifacts")).doesNotExist();
    }

    @Test
    void tenLevelsOfRepositoriesArriveEachByItsOwnRules() throws Exception {
        Process made = new ProcessBuilder("sh", "-e", "-c", """
                        for i in 0 1 2 3 4 5 6 7 8 9 10; do
                            git init -q; echo "*.$i" > .gitignore; touch x.$i x.$((i+1)); mkdir level; cd level
                        done
                        """)
                .directory(work.toFile())
                .start();
        Runner.finish(made, "").expect(0);
        var ended = runner.run(work, "exec", "--", "sh", "-e", "-c", """
                        for i in 0 1 2 3 4 5 6 7 8 9 10; do git status --porcelain --ignored; cd level; done; ls -A
                        """).expect(0);
        // What a level ignores stays behind there, and goes along where only the level below ignores it.
        assertThat(ended.out())
                .isEqualTo(IntStream.rangeClosed(1, 11)
                        .mapToObj(i -> "?? .gitignore\n" + (i < 11 ? "?? level/\n" : "") + "?? x." + i + "\n")
                        .collect(Collectors.joining()));
    }

    @Test
    void aGlobThatMatchesNothingSaysSoAndTheBuildStaysGreen() throws Exception {
        var ended =
                runner.run(work, "exec", "--artifact", "no/*.xml", "--", "true").expect(0);
        assertThat(ended.err()).isEqualTo("runner: artifacts: nothing matches no/*.xml\n");
        assertThat(work.resolve("thaw-artifacts")).doesNotExist();
    }
}
