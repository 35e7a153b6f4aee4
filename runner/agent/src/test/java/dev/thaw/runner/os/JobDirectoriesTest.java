package dev.thaw.runner.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobDirectoriesTest {
    private final Path root;
    private final Path runtime;
    private final JobDirectories jobs;

    JobDirectoriesTest(@TempDir Path directory) throws Exception {
        root = directory.resolve("home");
        runtime = directory.resolve("run");
        Files.createDirectories(root.resolve("jobs"));
        Files.createDirectories(runtime);
        jobs = new JobDirectories(new RunnerHome(root, runtime), new HostUsers());
    }

    @Test
    void aClosedDirectoryLeavesNothing() throws Exception {
        try (JobDirectory job = jobs.create("j1")) {
            Files.writeString(job.path().resolve("overlay.qcow2"), "x");
            Files.writeString(job.sockets().resolve("guest"), "x");
            assertThat(job.path()).isEqualTo(root.resolve("jobs/j1"));
            assertThat(jobs.orphans()).isEmpty();
            assertThat(jobs.reap()).isEmpty();
            assertThat(job.path()).exists();
        }
        assertThat(root.resolve("jobs/j1")).doesNotExist();
        assertThat(runtime.resolve("j1")).doesNotExist();
    }

    @Test
    void anIdIsUsedOnce() throws Exception {
        try (JobDirectory first = jobs.create("j1")) {
            assertThatThrownBy(() -> jobs.create("j1"))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.HOST))
                    .hasMessageStartingWith("cannot make the directory of job j1 in " + root.resolve("jobs") + ": ");
            assertThat(first.path()).exists();
        }
    }

    @Test
    void whatADeadOwnerLeftIsKilledAndDeleted() throws Exception {
        Process vmm = new ProcessBuilder("sleep", "600").start();
        try {
            JobDirectory job = jobs.create("j1");
            job.recordVmm(vmm.toHandle());
            job.abandon();

            assertThat(jobs.orphans()).containsExactly("j1");
            assertThat(vmm.isAlive()).isTrue();
            assertThat(jobs.reap()).containsExactly("j1");

            assertThat(ProcessStamp.ended(vmm.toHandle())).isTrue();
            assertThat(root.resolve("jobs/j1")).doesNotExist();
            assertThat(runtime.resolve("j1")).doesNotExist();
        } finally {
            vmm.destroyForcibly();
        }
    }

    @Test
    void aNoteCutShortByACrashDoesNotKeepTheReaperFromDeleting() throws Exception {
        JobDirectory job = jobs.create("j1");
        Files.writeString(job.path().resolve("vmm"), "17");
        job.abandon();

        assertThat(jobs.reap()).containsExactly("j1");
        assertThat(root.resolve("jobs/j1")).doesNotExist();
    }

    @Test
    void whatALiveProcessOwnsStaysUntilItDies() throws Exception {
        Path job = Files.createDirectory(root.resolve("jobs/j1"));
        try (LockHolder owner = new LockHolder(job.resolve("owner"))) {
            assertThat(jobs.reap()).isEmpty();
            assertThat(job).exists();
        }
        assertThat(jobs.reap()).containsExactly("j1");
        assertThat(job).doesNotExist();
    }

    @Test
    void linksAreDeletedAndNotWhatTheyPointTo() throws Exception {
        Path precious = Files.writeString(root.resolve("precious"), "x");
        try (JobDirectory job = jobs.create("j1")) {
            Files.createSymbolicLink(job.path().resolve("link"), precious);
        }
        assertThat(precious).exists();
        assertThat(root.resolve("jobs/j1")).doesNotExist();
    }

    @Test
    void eachGuestOfRootGetsAUserOfItsOwn() throws Exception {
        HostUsers users = new HostUsers();
        try (JobDirectory first = jobs.create("j1");
                JobDirectory second = jobs.create("j2")) {
            int own = HostUsers.ownerOf(root);
            assertThat(HostUsers.ownerOf(first.path())).isEqualTo(users.separate() ? HostUsers.FIRST : own);
            assertThat(HostUsers.ownerOf(second.path())).isEqualTo(users.separate() ? HostUsers.FIRST + 1 : own);
            assertThat(HostUsers.ownerOf(second.sockets())).isEqualTo(HostUsers.ownerOf(second.path()));
        }
    }
}
