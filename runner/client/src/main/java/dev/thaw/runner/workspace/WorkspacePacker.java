package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Packs a working directory into a tar archive, and nothing outside it: symbolic links stay links and are not followed.
 *
 * <p>In a git work tree what git ignores is left out, unless it is tracked. {@code .git} goes along without hooks and
 * credentials, and with a configuration that holds no secrets. What of a repository is outside the directory goes along
 * too, so that git works where the archive is unpacked: the repository of a linked work tree, or of a submodule that is
 * packed alone, and objects that are borrowed. What earlier jobs gave back, in {@link JobSpec#OUTPUT_DIRECTORY}, stays
 * here.
 */
public final class WorkspacePacker {
    private final GitUser user;

    /** Packs for the user of this JVM, whose own ignore rules count as they do for git. */
    public WorkspacePacker() {
        this(GitUser.current());
    }

    WorkspacePacker(GitUser user) {
        this.user = user;
    }

    /**
     * Writes the directory to the stream as it goes, and leaves the stream open. Names in the archive are relative to
     * the directory, and all of it belongs to the guest's ordinary user, 1000.
     *
     * @throws RunnerException when something cannot be read, or changes meanwhile; what was written is then no archive
     * @throws IOException when the stream cannot be written
     */
    public PackedWorkspace pack(Path directory, OutputStream out) throws RunnerException, IOException {
        Path root = existing(directory);
        return new TreePacker(root, new TarWriter(out)).pack(new WithoutArtifacts(selection(root)));
    }

    /**
     * The SHA-256 of the archive that {@link #pack} would write now, in hexadecimal digits.
     *
     * @throws RunnerException like {@link #pack}
     */
    public String digest(Path directory) throws RunnerException {
        try (var out = new DigestingOutput(OutputStream.nullOutputStream())) {
            pack(directory, out);
            return out.sha256();
        } catch (IOException e) {
            throw new AssertionError("nobody refuses these bytes", e);
        }
    }

    private static Path existing(Path directory) throws RunnerException {
        if (!Files.exists(directory)) {
            throw new RunnerException(Fault.WORKSPACE, "working directory " + directory + " does not exist");
        }
        if (!Files.isDirectory(directory)) {
            throw new RunnerException(Fault.WORKSPACE, "working directory " + directory + " is not a directory");
        }
        try {
            return directory.toRealPath();
        } catch (IOException e) {
            throw new RunnerException(
                    Fault.WORKSPACE, "cannot open working directory " + directory + ": " + Reason.of(e), e);
        }
    }

    private Selection selection(Path root) throws RunnerException {
        for (Path top = root; top != null; top = top.getParent()) {
            var repository = GitRepository.at(top);
            if (repository.isPresent()) {
                return within(top, repository.get(), root);
            }
        }
        return new PlainSelection(user);
    }

    private Selection within(Path top, GitRepository repository, Path root) throws RunnerException {
        GitSelection selection = GitSelection.ofWorkTree(top, repository, user);
        Path current = top;
        for (int i = top.getNameCount(); i < root.getNameCount(); i++) {
            current = current.resolve(root.getName(i));
            selection = selection.below(RawPath.nameOf(current), current);
        }
        // Somebody who works in a directory that git ignores as a whole means that directory, not an empty workspace.
        return selection.takesNothing() ? new PlainSelection(user) : selection;
    }
}
