package dev.thaw.runner.vm;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.ProcessStamp;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** One machine and all the host holds for it; closed, neither is left. */
public final class MicroVm implements AutoCloseable {

    private final JobDirectory job;
    private final Process process;
    private final Qmp qmp;
    private final ConsoleTail console;

    MicroVm(JobDirectory job, Process process, Qmp qmp, ConsoleTail console) {
        this.job = job;
        this.process = process;
        this.qmp = qmp;
        this.console = console;
        // A machine whose disk has failed would wait, or go on with half its data: it ends, and explained() says why.
        var unused = qmp.diskError().thenRun(() -> process.toHandle().destroyForcibly());
    }

    /** The socket whose other end is guestd's port. Takes one connection at a time. */
    public Path guestSocket() {
        return job.sockets().resolve(Cage.GUEST_SOCKET);
    }

    /** The outermost process of the VMM: what dies with it dies in the same instant. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Where the machine's disk lies. */
    public Path directory() {
        return job.path();
    }

    /** Lets the CPUs go on. */
    public void resume(Deadline deadline) throws RunnerException, InterruptedException {
        qmp.run("cont", Map.of(), deadline);
    }

    /** Stops the CPUs between two instructions. */
    public void pause(Deadline deadline) throws RunnerException, InterruptedException {
        qmp.run("stop", Map.of(), deadline);
    }

    /** Makes the disk larger; the guest's kernel is told, its file system is not. */
    public void resizeDisk(long bytes, Deadline deadline) throws RunnerException, InterruptedException {
        qmp.run("block_resize", Map.of("device", MachineLine.DISK, "size", bytes), deadline);
    }

    /** Takes over the device state that a snapshot of the same machine left in a file. */
    void loadState(Path state, Deadline deadline) throws RunnerException, InterruptedException {
        qmp.enableMigration(deadline);
        qmp.run("migrate-incoming", Map.of("uri", "unix:" + Cage.SOCKETS + "/" + Cage.INCOMING_SOCKET), deadline);
        Path socket = job.sockets().resolve(Cage.INCOMING_SOCKET);
        try (SocketChannel incoming = UnixSockets.connect(socket, deadline, process::isAlive);
                FileChannel file = FileChannel.open(state)) {
            for (long sent = 0; sent < file.size(); ) {
                sent += file.transferTo(sent, file.size() - sent, incoming);
            }
        } catch (IOException e) {
            throw new RunnerException(Fault.RESTORE, "QEMU does not take the template's state: " + e.getMessage(), e);
        }
        qmp.awaitMigration(deadline);
    }

    /** Writes the device state of the paused machine to a file of the job directory; RAM is in a file already. */
    public void saveState(String name, Deadline deadline) throws RunnerException, InterruptedException {
        qmp.enableMigration(deadline);
        Path state = job.path().resolve(name);
        Path socket = job.sockets().resolve("outgoing");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Files.setAttribute(socket, "unix:mode", 0777);
            qmp.run("migrate", Map.of("uri", "unix:" + Cage.SOCKETS + "/outgoing"), deadline);
            try (SocketChannel outgoing = server.accept();
                    FileChannel file = FileChannel.open(state, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                long size = 0;
                for (long n = file.transferFrom(outgoing, 0, 1 << 20);
                        n > 0;
                        n = file.transferFrom(outgoing, size, 1 << 20)) {
                    size += n;
                }
                file.force(true);
            }
        } catch (IOException e) {
            throw new RunnerException(
                    JobDirectories.diskFull(e) ? Fault.NO_SPACE : Fault.BUILD,
                    "cannot save the template's state: " + e.getMessage(),
                    e);
        }
        qmp.awaitMigration(deadline);
    }

    /** What the guest's kernel said that matters most, for a fault's message. */
    public String consoleGist() {
        return console.gist();
    }

    /**
     * The fault behind a fault: that the host's disk failed the guest, if it did, which looks like a lost guest; else
     * the same with how QEMU ended and the gist of the console, where a lost guest says why if anywhere.
     */
    public RunnerException explained(RunnerException e) {
        String error = qmp.diskError().getNow("");
        if (error.equals(Qmp.NO_SPACE)) {
            return new RunnerException(
                    Fault.NO_SPACE,
                    "the host's disk became full while the guest wrote to its own, in "
                            + job.path().getParent() + "; free some, see: runner gc",
                    e);
        }
        if (!error.isEmpty()) {
            return new RunnerException(
                    Fault.HOST,
                    "the host's disk failed the guest in " + job.path().getParent() + ": " + error,
                    e);
        }
        if (e.fault() != Fault.GUEST_LOST) {
            return e;
        }
        String gist = consoleGist();
        return new RunnerException(
                e.fault(), e.getMessage() + "; " + end() + (gist.isEmpty() ? "" : "; its console says: " + gist), e);
    }

    /** How QEMU ended, or that it has not. */
    private String end() {
        return VmmEnd.of(
                process, job.path().resolve(VmStarter.LOG), qmp.shutdown().getNow(""));
    }

    /** All that is kept of what the guest's kernel said. */
    public List<String> console() {
        return console.text().lines().toList();
    }

    /** Whether the machine is still there. */
    public boolean alive() {
        return process.isAlive();
    }

    /** Kills the VMM and leaves its files: what becomes a template must outlive its machine. */
    public void kill() {
        qmp.close();
        console.close();
        destroy(process);
    }

    /**
     * Kills the VMM with its cage and waits until the kernel has taken all of it back. Works while the thread is
     * interrupted.
     */
    static void destroy(Process process) {
        ProcessStamp.of(process.toHandle()).kill();
    }

    @Override
    public void close() {
        kill();
        job.close();
    }
}
