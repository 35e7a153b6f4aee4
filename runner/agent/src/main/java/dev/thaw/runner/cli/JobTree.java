package dev.thaw.runner.cli;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.WorkspaceOrigin;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.workspace.GitFetch;
import dev.thaw.runner.workspace.WorkspacePacker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A job's files on this host: somebody's directory, or a revision that is fetched for the job and deleted with it. */
sealed interface JobTree extends AutoCloseable {
    /** Where they are. */
    Path directory();

    /** What a record says of them. */
    WorkspaceOrigin origin();

    /** Digest of what would be packed now; empty where the origin says it all. */
    Optional<String> digest() throws RunnerException;

    /** Where artifacts go if nobody says where. */
    Path output();

    @Override
    void close();

    /** A directory that was there before and stays. */
    record Existing(Path directory) implements JobTree {
        @Override
        public WorkspaceOrigin origin() {
            return new WorkspaceOrigin.Directory(directory);
        }

        @Override
        public Optional<String> digest() throws RunnerException {
            return Optional.of(new WorkspacePacker().digest(directory));
        }

        @Override
        public Path output() {
            return directory.resolve(JobSpec.OUTPUT_DIRECTORY);
        }

        @Override
        public void close() {
            // It is somebody's.
        }
    }

    /** One commit, in a directory of its own that the reaper knows. */
    record Fetched(JobDirectory owner, WorkspaceOrigin.GitCommit origin) implements JobTree {
        private static final Duration LIMIT = Duration.ofMinutes(30);
        private static final String TREE = "tree";

        /** Fetches what {@code wanted} is now; the record will say that it was asked for as {@code asked}. */
        static Fetched of(GitAddress wanted, GitAddress asked, JobDirectories jobs, JobId id, Console console)
                throws RunnerException, InterruptedException {
            JobDirectory owner = jobs.create("git-" + id);
            try {
                Path tree = Files.createDirectory(owner.path().resolve(TREE));
                GitFetch.Fetched fetched = new GitFetch(wanted, Deadline.in(LIMIT)).into(tree);
                fetched.notes().forEach(note -> console.say("workspace: " + note));
                return new Fetched(owner, new WorkspaceOrigin.GitCommit(asked, fetched.commit()));
            } catch (IOException e) {
                owner.close();
                throw new RunnerException(Fault.HOST, "cannot fetch into " + owner.path() + ": " + e.getMessage(), e);
            } catch (RunnerException | InterruptedException | RuntimeException e) {
                owner.close();
                throw e;
            }
        }

        @Override
        public Path directory() {
            return owner.path().resolve(TREE);
        }

        @Override
        public Optional<String> digest() {
            return Optional.empty();
        }

        @Override
        public Path output() {
            return Path.of(JobSpec.OUTPUT_DIRECTORY).toAbsolutePath();
        }

        @Override
        public void close() {
            owner.close();
        }
    }
}
