package dev.thaw.runner.vm;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Turns a template into a running guest. */
public final class Restorer {
    private final JobDirectories jobs;
    private final HostUsers users;
    private final Qemu qemu;
    private final VmStarter starter;

    public Restorer(JobDirectories jobs, HostUsers users, Qemu qemu, Subprocess subprocess) {
        this.jobs = jobs;
        this.users = users;
        this.qemu = qemu;
        this.starter = new VmStarter(subprocess, new Cage(qemu, users));
    }

    /**
     * Restores a guest and lets it run. Nothing of a job is in it yet, and it shares all randomness with its siblings
     * until its identity is confirmed.
     *
     * @param id names the guest's directory on the host
     * @param diskBytes size of its disk, the template's or more
     * @throws RunnerException {@code RESTORE} or {@code DEADLINE}; nothing is left then
     */
    public MicroVm restore(String id, Template template, long diskBytes, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException {
        JobDirectory job = jobs.create(id);
        try {
            overlay(job, template);
            stopwatch.mark(Phase.OVERLAY);
            MicroVm vm = starter.start(
                    MachineLine.restore(template, qemu), job, template.directory(), accelerator(template), deadline);
            try {
                stopwatch.mark(Phase.VMM_UP);
                vm.loadState(template.file(Template.STATE), deadline);
                stopwatch.mark(Phase.RESTORED);
                vm.resume(deadline);
                stopwatch.mark(Phase.RESUMED);
                if (diskBytes > template.diskBytes()) {
                    vm.resizeDisk(diskBytes, deadline);
                }
                return vm;
            } catch (RunnerException | InterruptedException | RuntimeException e) {
                vm.kill();
                throw e;
            }
        } catch (RunnerException | InterruptedException | RuntimeException e) {
            job.close();
            throw e;
        }
    }

    /** A copy of the template's empty overlay: some hundred kilobytes, where running qemu-img costs ten milliseconds. */
    private void overlay(JobDirectory job, Template template) throws RunnerException {
        Path overlay = job.path().resolve(Template.OVERLAY);
        try {
            Files.copy(template.file(Template.OVERLAY), overlay);
            Files.setAttribute(overlay, "unix:mode", 0600);
            users.give(overlay, HostUsers.ownerOf(job.path()));
        } catch (IOException e) {
            throw new RunnerException(
                    JobDirectories.diskFull(e) ? Fault.NO_SPACE : Fault.HOST,
                    "cannot make the guest's disk " + overlay + ": " + e.getMessage(),
                    e);
        }
    }

    private static Accelerator accelerator(Template template) {
        return Accelerator.valueOf(template.accelerator().toUpperCase(Locale.ROOT));
    }
}
