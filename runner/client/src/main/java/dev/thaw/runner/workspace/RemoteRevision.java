package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.GitAddress;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.RepositoryCache.FileKey;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.Transport;

/** What a revision's name stands for in a repository elsewhere, at the moment that it is asked. */
final class RemoteRevision {
    private final GitAddress address;
    private final FetchFault faults;

    RemoteRevision(GitAddress address, FetchFault faults) {
        this.address = address;
        this.faults = faults;
    }

    /**
     * All digits of a commit, or of a tag whose commit the server does not tell; nothing is fetched.
     *
     * @throws RunnerException if the repository has nothing of that name, or two things
     */
    ObjectId in(Transport transport) throws IOException, RunnerException {
        if (address.pinned()) {
            ObjectId commit = ObjectId.fromString(address.revision());
            checkPresent(commit);
            return commit;
        }
        try (FetchConnection connection = transport.openFetch()) {
            Ref ref = named(connection.getRefsMap());
            ObjectId tagged = ref.getPeeledObjectId();
            return tagged == null ? Objects.requireNonNull(ref.getObjectId()) : tagged;
        }
    }

    /** JGit is the server of a repository on this host, and writes a stack trace for what is not in there. */
    private void checkPresent(ObjectId commit) throws IOException, RunnerException {
        URI uri = URI.create(address.url());
        if (!uri.getScheme().equalsIgnoreCase("file")) {
            return;
        }
        File directory = FileKey.resolve(new File(uri.getPath()), NoGitConfiguration.files());
        if (directory != null) {
            try (Repository local =
                    new FileRepositoryBuilder().setGitDir(directory).build()) {
                if (!local.getObjectDatabase().has(commit)) {
                    throw faults.because("the server does not give commit " + commit.name());
                }
            }
        }
    }

    private Ref named(Map<String, Ref> refs) throws RunnerException {
        String revision = address.revision();
        Ref exact = refs.get(revision);
        Ref tag = refs.get("refs/tags/" + revision);
        Ref branch = refs.get("refs/heads/" + revision);
        if (exact == null && tag != null && branch != null) {
            throw faults.because("both a branch and a tag are called " + revision + "; say refs/heads/" + revision
                    + " or refs/tags/" + revision);
        }
        Ref found = exact != null ? exact : tag != null ? tag : branch;
        if (found == null || found.getObjectId() == null) {
            throw faults.because("it has no " + revision + "; name a branch, a tag or all digits of a commit");
        }
        return found;
    }
}
