package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.GitAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.EmptyProgressMonitor;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * Fetches one commit without its history and lays it out in a directory, with a {@code .git} in which it is HEAD.
 *
 * <p>Nothing that is fetched is executed: no hook, no filter and no git-lfs, of which pointers are all that comes.
 * Submodules stay empty directories. Neither the user's nor the machine's git configuration has a say, so that the same
 * address is the same repository on every host: no {@code insteadOf}, no proxy, no credentials.
 */
public final class GitFetch {
    private static final int IDLE_SECONDS = 30;

    private final GitAddress address;
    private final FetchFault faults;
    private final Deadline deadline;
    private final Optional<GitCredentials> credentials;

    /** Of one address, over by a deadline; a server that is silent for 30 seconds is given up before. */
    public GitFetch(GitAddress address, Deadline deadline) {
        this(address, Optional.empty(), deadline);
    }

    /** With credentials, which the server of the address is shown if it asks, and nobody else. */
    public GitFetch(GitAddress address, Optional<GitCredentials> credentials, Deadline deadline) {
        this.address = address;
        this.credentials = credentials;
        this.faults = new FetchFault(address);
        this.deadline = deadline;
    }

    /**
     * What was fetched.
     *
     * @param commit all its digits
     * @param notes what a person may want to know: a sentence each
     */
    public record Fetched(String commit, List<String> notes) {
        public Fetched {
            notes = List.copyOf(notes);
        }
    }

    /**
     * Fetches into an empty directory, which is of no use when this throws.
     *
     * @throws RunnerException {@code WORKSPACE} when there is no such repository or revision, or it cannot be had
     */
    public Fetched into(Path directory) throws RunnerException, InterruptedException {
        return inTime(() -> fetchInto(directory));
    }

    private <T> T inTime(Callable<T> work) throws RunnerException, InterruptedException {
        // A thread of its own, since nothing wakes one that waits for a server; left behind, it ends when that answers.
        var task = new FutureTask<>(work);
        var thread = new Thread(task, "git-fetch");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw faults.late(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RunnerException fault) {
                throw fault;
            }
            throw new IllegalStateException("fetching " + address, e.getCause());
        } finally {
            thread.interrupt();
        }
    }

    private Fetched fetchInto(Path directory) throws RunnerException {
        NoGitConfiguration.ofThisProcess();
        try (Git git = Git.init()
                .setDirectory(directory.toFile())
                .setFs(NoGitConfiguration.files())
                .call()) {
            configure(git.getRepository());
            ObjectId commit = fetch(git.getRepository());
            checkTrees(git.getRepository(), commit);
            git.checkout()
                    .setName(commit.name())
                    .setProgressMonitor(new UntilInterrupted())
                    .call();
            var notes = submodules(git.getRepository());
            name(git.getRepository());
            return new Fetched(commit.name(), notes);
        } catch (IOException | GitAPIException e) {
            throw faults.of(e);
        }
    }

    /** JGit asks every now and then. */
    private static final class UntilInterrupted extends EmptyProgressMonitor {
        @Override
        public boolean isCancelled() {
            return Thread.currentThread().isInterrupted();
        }
    }

    /** What the fetch itself needs; {@link #name} leaves what a build may want to see. */
    private static void configure(Repository repository) throws IOException {
        StoredConfig config = repository.getConfig();
        // A log would say who fetched, and on which host.
        config.setBoolean("core", null, "logAllRefUpdates", false);
        config.save();
    }

    private void name(Repository repository) throws IOException {
        StoredConfig config = repository.getConfig();
        config.unset("core", null, "logAllRefUpdates");
        config.setString("remote", "origin", "url", address.url());
        config.setString("remote", "origin", "fetch", "+refs/heads/*:refs/remotes/origin/*");
        config.save();
        Files.deleteIfExists(repository.getDirectory().toPath().resolve("FETCH_HEAD"));
    }

    private ObjectId fetch(Repository repository) throws IOException, RunnerException {
        try (Transport transport = Transport.open(repository, uri())) {
            transport.setTimeout(IDLE_SECONDS);
            credentials.ifPresent(known -> transport.setCredentialsProvider(new OneHostCredentials(uri(), known)));
            transport.setTagOpt(TagOpt.NO_TAGS);
            transport.setDepth(1);
            ObjectId wanted = new RemoteRevision(address, faults).in(transport);
            // Into no branch: what is checked out is a commit.
            transport.fetch(new UntilInterrupted(), List.of(new RefSpec(wanted.name())));
            return commit(repository, wanted);
        }
    }

    /** What a tag names; of other things than commits there is no working directory. */
    private ObjectId commit(Repository repository, ObjectId wanted) throws IOException, RunnerException {
        try (RevWalk walk = new RevWalk(repository)) {
            return walk.parseCommit(wanted).copy();
        } catch (IncorrectObjectTypeException e) {
            throw faults.because("it is no commit");
        }
    }

    /**
     * Refuses trees with names that no git would have made. JGit's own check of what is fetched also wants the history
     * that was not asked for.
     */
    private static void checkTrees(Repository repository, ObjectId commit) throws IOException {
        // Modes with a zero in front are harmless, and in the history of many an old project.
        var checker = new ObjectChecker().setAllowLeadingZeroFileMode(true);
        try (var walk = new TreeWalk(repository);
                var commits = new RevWalk(repository)) {
            ObjectId top = commits.parseCommit(commit).getTree();
            checker.checkTree(top, repository.open(top, Constants.OBJ_TREE).getBytes());
            walk.addTree(top);
            while (walk.next()) {
                if (walk.isSubtree()) {
                    ObjectId tree = walk.getObjectId(0);
                    checker.checkTree(
                            tree, repository.open(tree, Constants.OBJ_TREE).getBytes());
                    walk.enterSubtree();
                }
            }
        }
    }

    private URIish uri() {
        try {
            return new URIish(address.url());
        } catch (java.net.URISyntaxException e) {
            throw new AssertionError("a git address has a valid URL", e);
        }
    }

    /** What the address is now, all digits of a commit, without fetching it. */
    public String commit() throws RunnerException, InterruptedException {
        return inTime(() -> {
            NoGitConfiguration.ofThisProcess();
            try (Transport transport = Transport.open(uri())) {
                transport.setTimeout(IDLE_SECONDS);
                return new RemoteRevision(address, faults).in(transport).name();
            } catch (IOException e) {
                throw faults.of(e);
            }
        });
    }

    private static List<String> submodules(Repository repository) throws IOException {
        var paths = new ArrayList<String>();
        var index = repository.readDirCache();
        for (int i = 0; i < index.getEntryCount(); i++) {
            if (index.getEntry(i).getFileMode() == FileMode.GITLINK) {
                paths.add(index.getEntry(i).getPathString().replaceAll("\\p{Cntrl}", "?"));
            }
        }
        if (paths.isEmpty()) {
            return List.of();
        }
        return List.of("submodules are not fetched and stay empty: " + Shortlist.of(paths));
    }
}
