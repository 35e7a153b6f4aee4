package dev.thaw.runner.shell;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.os.RunnerHome;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where the guests that are kept can be reached: one socket each, beside and not among those that their VMM sees. */
public record ShellSockets(RunnerHome home) {
    private static final String SUFFIX = ".shell";

    /** The socket of a job's guest. */
    public Path of(JobId id) {
        return home.runtime().resolve(id + SUFFIX);
    }

    /** The jobs whose guests are kept; what the keepers of others left is removed. */
    public List<JobId> kept() throws RunnerException {
        var kept = new ArrayList<JobId>();
        try (Stream<Path> entries = Files.list(home.runtime())) {
            for (Path entry : entries.sorted().toList()) {
                String name = entry.getFileName().toString();
                if (name.endsWith(SUFFIX) && answers(entry)) {
                    kept.add(new JobId(name.substring(0, name.length() - SUFFIX.length())));
                }
            }
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot look through " + home.runtime() + ": " + e.getMessage(), e);
        }
        return kept;
    }

    /** A socket file outlives its listener; nobody listens there ever again, since no id is used twice. */
    private static boolean answers(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return true;
        } catch (IOException e) {
            Files.deleteIfExists(socket);
            return false;
        }
    }
}
