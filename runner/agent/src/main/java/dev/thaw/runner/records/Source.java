package dev.thaw.runner.records;

import java.nio.file.Path;

/** Where a job's workspace came from. */
public sealed interface Source {
    /**
     * A directory of the host.
     *
     * @param path absolute
     */
    record Directory(Path path) implements Source {}

    /**
     * A commit of a repository.
     *
     * @param url without user information
     * @param revision full hash of the commit
     */
    record Commit(String url, String revision) implements Source {}
}
