package dev.thaw.runner.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.RunnerHome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Golden words of the cage; {@code CageIT} shows what they come to. */
class CageTest {
    private static final Path TEMPLATE = Path.of("/templates/a");
    private static final List<String> COMMAND = List.of("/usr/bin/qemu-system-x86_64", "-M", "microvm");

    private final HostUsers users;
    private final JobDirectories jobs;

    CageTest(@TempDir Path directory) throws Exception {
        users = new HostUsers();
        Files.createDirectories(directory.resolve("jobs"));
        jobs = new JobDirectories(new RunnerHome(directory, directory.resolve("run")), users);
    }

    private List<String> words(String qemu, Accelerator accelerator, JobDirectory job) throws Exception {
        return new Cage(new Qemu(Path.of("/"), "QEMU emulator version " + qemu), users)
                .around(COMMAND, job, TEMPLATE, accelerator);
    }

    @Test
    void everyNamespaceIsItsOwnAndOnlyTheJobCanBeWritten() throws Exception {
        try (JobDirectory job = jobs.create("j1")) {
            String line = String.join(" ", words("10.0.0", Accelerator.TCG, job));
            assertThat(line)
                    .startsWith("bwrap --die-with-parent --new-session --clearenv --unshare-ipc --unshare-pid"
                            + " --unshare-net --unshare-uts --unshare-cgroup-try --cap-drop ALL "
                            + (users.separate() ? "" : "--unshare-user ")
                            + "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib"
                            + " --symlink usr/lib64 /lib64 --symlink usr/sbin /sbin"
                            + " --perms 0755 --dir /dev --perms 0755 --dir /etc"
                            + " --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache"
                            + " --dev-bind /dev/null /dev/null --dev-bind /dev/zero /dev/zero"
                            + " --dev-bind /dev/urandom /dev/urandom"
                            + " --ro-bind /templates/a /template --bind " + job.path() + " /job --bind "
                            + job.sockets() + " /run --remount-ro / --chdir /job ")
                    .endsWith("-- " + String.join(" ", COMMAND));
        }
    }

    @Test
    void underRootItBecomesTheUserThatOwnsTheJobAndKeepsNothing() throws Exception {
        try (JobDirectory job = jobs.create("j1")) {
            List<String> words = words("10.0.0", Accelerator.TCG, job);
            int user = HostUsers.ownerOf(job.path());
            List<String> change = List.of(
                    "--cap-add",
                    "CAP_SETUID",
                    "--cap-add",
                    "CAP_SETGID",
                    "--cap-add",
                    "CAP_SETPCAP",
                    "--",
                    "/usr/bin/setpriv",
                    "--reuid",
                    String.valueOf(user),
                    "--regid",
                    String.valueOf(user),
                    "--clear-groups",
                    "--inh-caps",
                    "-all",
                    "--bounding-set",
                    "-all",
                    "--no-new-privs",
                    "--");
            int at = Collections.indexOfSubList(words, change);
            assertThat(at >= 0).isEqualTo(users.separate());
            assertThat(words.contains("--cap-add")).isEqualTo(users.separate());
        }
    }

    /** bwrap makes directories above what it binds, for its own user alone; a guest's user is another. */
    @Test
    void directoriesThatAGuestsUserMustEnterAreMadeOpenBeforeAnythingIsPutIntoThem() throws Exception {
        try (JobDirectory job = jobs.create("j1")) {
            List<String> words = words("10.0.0", Accelerator.KVM, job);
            for (String directory : List.of("/dev", "/etc")) {
                int made = words.indexOf(directory);
                assertThat(words.subList(made - 3, made + 1)).containsExactly("--perms", "0755", "--dir", directory);
                assertThat(words.subList(0, made)).noneMatch(word -> word.startsWith(directory + "/"));
            }
        }
    }

    @Test
    void onlyKvmSeesItsDevice() throws Exception {
        try (JobDirectory job = jobs.create("j1")) {
            assertThat(words("10.0.0", Accelerator.TCG, job)).doesNotContain("/dev/kvm");
            assertThat(words("10.0.0", Accelerator.KVM, job)).containsSequence("--dev-bind", "/dev/kvm", "/dev/kvm");
        }
    }

    @Test
    void onlyAnOldQemuGetsTheShim() throws Exception {
        try (JobDirectory job = jobs.create("j1")) {
            assertThat(words("10.0.0", Accelerator.TCG, job)).doesNotContain("LD_PRELOAD");
            assertThat(words("7.2.0", Accelerator.TCG, job))
                    .containsSequence("--setenv", "LD_PRELOAD", "/template/readonly-memory.so");
        }
    }
}
