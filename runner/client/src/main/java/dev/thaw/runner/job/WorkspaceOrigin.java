package dev.thaw.runner.job;

import java.nio.file.Path;

/** Where a job's workspace is from. */
public sealed interface WorkspaceOrigin {
    /**
     * A directory of the host, absolute.
     *
     * @param path its name, which says nothing about what was in it
     */
    record Directory(Path path) implements WorkspaceOrigin {}

    /**
     * A commit of a repository, fetched for this job.
     *
     * @param address what was asked for
     * @param commit what that was: all its digits, and so all that was in it
     */
    record GitCommit(GitAddress address, String commit) implements WorkspaceOrigin {
        public GitCommit {
            if (!new GitAddress(address.url(), commit).pinned()) {
                throw new IllegalArgumentException("a commit must be given by all its digits, got: " + commit);
            }
        }

        /** The same commit, whatever became of the branch. */
        public GitAddress exactly() {
            return new GitAddress(address.url(), commit);
        }
    }
}
