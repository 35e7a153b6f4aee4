package dev.thaw.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.cli.CommandLineProcess.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host can lack before any guest is there: one line each. */
@Tag("cli")
class HostFaultsTest {
    private final Path home;
    private final CommandLineProcess runner;

    HostFaultsTest(@TempDir Path directory) throws IOException {
        home = Files.createDirectory(directory.resolve("home"));
        runner = new CommandLineProcess(directory);
    }

    /** In a mount namespace of its own, with a small file system for a home and no right to overrule its modes. */
    private CommandLineProcess onTmpfs(String options, String preparation) {
        return runner.under(
                "unshare",
                "--map-root-user",
                "--mount",
                "sh",
                "-e",
                "-c",
                "mount -t tmpfs -o " + options + " none " + home + "; cd " + home + "; " + preparation
                        + "; cd - > /dev/null; exec setpriv --bounding-set=-all --inh-caps=-all -- \"$@\"",
                "sh");
    }

    private void isOneLine(Ended ended, String start, String... parts) {
        assertThat(ended.err()).startsWith("runner: " + start).hasLineCount(1);
        for (String part : parts) {
            assertThat(ended.err()).contains(part);
        }
        assertThat(ended.out()).isEmpty();
        assertThat(ended.code()).isEqualTo(125);
    }

    @Test
    void withoutQemuNothingStarts() throws Exception {
        Path nowhere = Files.createDirectory(home.resolve("root"));
        for (String words : new String[] {"exec -- true", "gc", "doctor", "template build"}) {
            isOneLine(
                    runner.with("RUNNER_QEMU_ROOT", nowhere.toString()).run(words.split(" ", -1)),
                    "host: no QEMU: " + nowhere + "/usr/bin/qemu-system-x86_64 is not there; install it with:"
                            + " apt-get install qemu-system-x86");
        }
    }

    @Test
    void aHomeThatMayNotBeWrittenIsSaidSo() throws Exception {
        String message = "host: cannot write to " + home + "; set RUNNER_HOME to a directory that can be written";
        String made = "mkdir jobs images templates";
        isOneLine(onTmpfs("mode=0755", made + "; chmod 0555 . jobs").run("gc"), message);
        isOneLine(onTmpfs("mode=0755", made + "; mount -o remount,ro .").run("gc"), message);
        isOneLine(
                onTmpfs("mode=0755", "mount -o remount,ro .").run("gc"),
                "host: cannot make the runner's directories below " + home,
                "; set RUNNER_HOME (RUNNER_RUNTIME) to a directory that can be written");
        // The control: the same file system, open. It lists nothing and says nothing.
        assertThat(onTmpfs("mode=0755", made).run("template", "list")).isEqualTo(new Ended(0, "", ""));
    }

    @Test
    void aDiskWithoutRoomIsSaidBeforeAnythingIsBuilt() throws Exception {
        isOneLine(
                onTmpfs("mode=0755,size=16m", "true").run("exec", "--", "true"),
                "no space: building image docker takes 2048 MiB of disk or more in " + home + "/jobs, the host has 1",
                " MiB left; free some, or set RUNNER_HOME to another disk");
    }

    @Test
    void aFullDiskIsNoSpaceAndNotABadHost() throws Exception {
        isOneLine(
                onTmpfs("mode=0755,nr_inodes=3", "true").run("gc"),
                "no space: cannot make the runner's directories below " + home,
                "No space left on device");
        isOneLine(
                onTmpfs("mode=0755,size=64k", "mkdir jobs images templates; head -c 64k /dev/zero > fill || true")
                        .run("exec", "--", "true"),
                "no space: ",
                home.toString());
    }

    @Test
    void aHomeIsNotGuessed() throws Exception {
        String message = "host: neither RUNNER_HOME nor HOME is set; set RUNNER_HOME";
        runner.without("RUNNER_HOME").run("gc").isFault(message);
        runner.with("HOME", "").run("gc").isFault(message);
    }

    @Test
    void aHomeOfALongPathWorks() throws Exception {
        Path deep = home;
        while (deep.toString().length() < 400) {
            deep = deep.resolve("a-directory-with-a-name-of-some-length");
        }
        assertThat(runner.with("RUNNER_HOME", deep.toString()).run("template", "list"))
                .isEqualTo(new Ended(0, "", ""));
        assertThat(deep.resolve("jobs")).isDirectory();
    }

    @Test
    void aRuntimeDirectoryTooLongForSocketsIsRefused() throws Exception {
        Path runtime = Files.createDirectory(home.resolve("x".repeat(80)));
        runner.with("RUNNER_RUNTIME", runtime.toString())
                .run("gc")
                .isFault("host: RUNNER_RUNTIME is too long for sockets: " + runtime + " has "
                        + runtime.toString().length() + " characters, 60 are possible");
    }

    @Test
    void aRuntimeDirectoryThatCannotBeMadeIsRefused() throws Exception {
        isOneLine(
                runner.with("RUNNER_RUNTIME", "/proc/thaw").run("gc"),
                "host: cannot make the runner's directories below " + home + " and /proc/thaw/thaw (");
    }
}
