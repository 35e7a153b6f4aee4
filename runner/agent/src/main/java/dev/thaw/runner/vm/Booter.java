package dev.thaw.runner.vm;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.Image;
import dev.thaw.runner.template.Size;
import java.util.List;

/** Boots an image, which only the building of a template does. */
public final class Booter {
    private final VmStarter starter;
    private final HostCpu cpu;

    public Booter(Subprocess subprocess, Cage cage, HostCpu cpu) {
        this.starter = new VmStarter(subprocess, cage);
        this.cpu = cpu;
    }

    /** Boots from the disk and the memory file in the job directory, which its owner may write. */
    public MicroVm boot(
            List<String> machine, Accelerator accelerator, Image image, Size size, JobDirectory job, Deadline deadline)
            throws RunnerException, InterruptedException {
        List<String> command = MachineLine.boot(machine, image, size, MachineLine.kernelArguments(accelerator, cpu));
        return starter.start(command, job, image.directory(), accelerator, deadline);
    }

    /** Starts a machine that shows that a kernel runs, and nothing more; it waits for {@code resume}. */
    MicroVm probe(Accelerator accelerator, Image image, JobDirectory job, Deadline deadline)
            throws RunnerException, InterruptedException {
        return starter.start(MachineLine.probe(accelerator, image, cpu), job, image.directory(), accelerator, deadline);
    }
}
