package dev.thaw.runner.execution;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.BoundedPipe;
import dev.thaw.runner.workspace.DigestingOutput;
import dev.thaw.runner.workspace.WorkspacePacker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Packs a directory while its guest is still being restored, or reads an archive that somebody else has packed, and
 * holds no more than a few megabytes of it at a time.
 */
public final class WorkspaceFeed implements AutoCloseable {
    private static final int CAPACITY = 4 << 20;

    private final BoundedPipe pipe = new BoundedPipe(CAPACITY);
    private final CompletableFuture<Packed> packed = new CompletableFuture<>();
    private final Thread packer;

    /** Begins to pack at once; a file is an archive. */
    public WorkspaceFeed(Path directory) {
        packer = new Thread(() -> pack(directory), "workspace-packer");
        packer.setDaemon(true);
        packer.start();
    }

    /** What is known when all is packed. */
    private record Packed(String sha256, List<String> remarks) {}

    private void pack(Path directory) {
        try {
            // Closed after success alone: a reader must never take what a failure cut short for a whole archive.
            var out = new DigestingOutput(pipe.output());
            List<String> remarks = send(directory, out);
            packed.complete(new Packed(out.sha256(), remarks));
            out.close();
        } catch (IOException e) {
            fail(new RunnerException(Fault.WORKSPACE, "cannot pack " + directory + ": " + e.getMessage(), e));
        } catch (RunnerException | RuntimeException e) {
            fail(e);
        }
    }

    /** What there is to say about it. An archive, which somebody else has packed, goes as it is. */
    private static List<String> send(Path workspace, DigestingOutput out) throws IOException, RunnerException {
        if (Files.isDirectory(workspace)) {
            return new WorkspacePacker().pack(workspace, out).remarks();
        }
        Files.copy(workspace, out);
        return List.of();
    }

    private void fail(Exception e) {
        packed.completeExceptionally(e);
        pipe.fail(new IOException(e.getMessage(), e));
    }

    /** The archive; a failure to pack is a failure to read. */
    public InputStream archive() {
        return pipe.input();
    }

    /** Throws what packing failed with, if it did. Comes first: the guest's own complaint would only be of a torn archive. */
    public void check() throws RunnerException, InterruptedException {
        if (!packed.isCompletedExceptionally()) {
            return;
        }
        try {
            packed.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RunnerException fault) {
                throw fault;
            }
            throw new IllegalStateException("packing the workspace", e.getCause());
        }
    }

    /** Digest of the archive; empty while it is not packed to its end. */
    public Optional<String> sha256() {
        return whenPacked().map(Packed::sha256);
    }

    /** What a person may want to know about the workspace; empty while it is not packed to its end. */
    public List<String> remarks() {
        return whenPacked().map(Packed::remarks).orElse(List.of());
    }

    private Optional<Packed> whenPacked() {
        return packed.isCompletedExceptionally() ? Optional.empty() : Optional.ofNullable(packed.getNow(null));
    }

    @Override
    public void close() {
        pipe.fail(new IOException("nobody wants the archive any more"));
        packer.interrupt();
    }
}
