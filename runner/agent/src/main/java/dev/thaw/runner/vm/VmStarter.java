package dev.thaw.runner.vm;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.Subprocess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Starts a caged VMM and waits until it answers. */
final class VmStarter {
    /** What QEMU and its cage complain of, in the job directory. */
    static final String LOG = "vmm.log";

    private final Subprocess subprocess;
    private final Cage cage;

    VmStarter(Subprocess subprocess, Cage cage) {
        this.subprocess = subprocess;
        this.cage = cage;
    }

    /** On any failure the VMM is gone; the job directory stays with the caller. */
    MicroVm start(List<String> command, JobDirectory job, Path readOnly, Accelerator accelerator, Deadline deadline)
            throws RunnerException, InterruptedException {
        Path log = job.path().resolve(LOG);
        Process process;
        try {
            process = subprocess.startLogged(cage.around(command, job, readOnly, accelerator), log);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot cage QEMU: " + e.getMessage(), e);
        }
        try {
            job.recordVmm(process.toHandle());
            Path sockets = job.sockets();
            Qmp qmp = Qmp.open(
                    UnixSockets.connect(sockets.resolve(Cage.QMP_SOCKET), deadline, process::isAlive), deadline);
            ConsoleTail console = new ConsoleTail(
                    UnixSockets.connect(sockets.resolve(Cage.CONSOLE_SOCKET), deadline, process::isAlive));
            return new MicroVm(job, process, qmp, console);
        } catch (IOException | RunnerException e) {
            boolean ended = !process.isAlive();
            MicroVm.destroy(process);
            throw new RunnerException(
                    Fault.RESTORE,
                    (ended ? "QEMU ended at once: " : "QEMU does not answer: ")
                            + VmmEnd.lastLine(log).orElse(String.valueOf(e.getMessage())),
                    e);
        } catch (InterruptedException e) {
            MicroVm.destroy(process);
            throw e;
        }
    }
}
