package dev.thaw.runner.artifact;

import dev.thaw.runner.os.JobDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Where artifacts lie until all of them are accepted: a directory in the output directory, so on its file system, which
 * only the runner's own user can enter. No other user of the host can swap anything in it while it is written. A lock
 * in it tells a live runner's from a dead one's, which the next runner deletes.
 */
final class Staging implements AutoCloseable {
    static final String PREFIX = ".thaw-staging-";
    static final Path TREE = Path.of("tree");
    private static final String OWNER = "owner";
    private static final int ATTEMPTS = 5;
    private static final System.Logger LOG = System.getLogger(Staging.class.getName());

    private final Path root;
    private final FileChannel owner;
    private final Set<Path> live;

    private Staging(Path root, FileChannel owner, Set<Path> live) {
        this.root = root;
        this.owner = owner;
        this.live = live;
    }

    /**
     * Makes one, after deleting what dead runners left.
     *
     * @param live those of this process: their locks must not even be looked at, since closing any descriptor of a file
     *     drops all locks its process holds on it
     */
    static Staging in(Path output, Set<Path> live) throws IOException {
        reap(output, live);
        for (int attempt = 1; ; attempt++) {
            // Mode 0700: that is what createTempDirectory is for.
            Path root = Files.createTempDirectory(output, PREFIX);
            live.add(root);
            try {
                Path lock = root.resolve(OWNER);
                FileChannel owner = FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                owner.lock();
                // Another runner may have found it between the two lines, without an owner, and deleted it.
                if (Files.exists(lock)) {
                    Files.createDirectory(root.resolve(TREE));
                    return new Staging(root, owner, live);
                }
                owner.close();
            } catch (NoSuchFileException e) {
                LOG.log(System.Logger.Level.DEBUG, "another runner was faster", e);
            } catch (IOException e) {
                live.remove(root);
                JobDirectory.deleteTree(root);
                throw e;
            }
            live.remove(root);
            if (attempt == ATTEMPTS) {
                throw new IOException(root + " is deleted by somebody as soon as it is made");
            }
        }
    }

    /** Where to write. */
    Path tree() {
        return root.resolve(TREE);
    }

    /** What it is called in the output directory. */
    Path name() {
        return root.getFileName();
    }

    /** Deletes what was not moved away. Never throws: what is left is the next runner's to delete. */
    @Override
    public void close() {
        try {
            JobDirectory.deleteTree(root);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "left to the next run: " + root + ": " + e.getMessage());
        }
        try {
            owner.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing a lock: " + e.getMessage());
        }
        live.remove(root);
    }

    private static void reap(Path output, Set<Path> live) throws IOException {
        try (DirectoryStream<Path> stale = Files.newDirectoryStream(output, PREFIX + "*")) {
            for (Path root : stale) {
                if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS) && !live.contains(root)) {
                    reap(root);
                }
            }
        }
    }

    private static void reap(Path root) {
        try (FileChannel owner =
                FileChannel.open(root.resolve(OWNER), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            if (owner.tryLock() != null) {
                JobDirectory.deleteTree(root);
            }
        } catch (NoSuchFileException e) {
            // Never got that far. Only an empty one goes: it may be a live runner's a moment before it has its lock.
            root.toFile().delete();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot delete what a dead runner left: " + root, e);
        }
    }
}
