package dev.thaw.runner.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.Stream;

/**
 * Which host user a guest's VMM runs as. Started by root, each guest gets a number of its own: under a shared one, a
 * VMM that was broken out of could trace its siblings. Otherwise every guest is the caller's.
 */
public final class HostUsers {
    /** Above what Debian, systemd and subordinate-id ranges hand out. */
    public static final int FIRST = 1_900_000_000;
    /** How many numbers there are, and so how many guests a host can hold. */
    public static final int COUNT = 65_536;

    private final int own;

    /**
     * The users that this process may give.
     *
     * @throws IOException if the kernel does not tell who this process is
     */
    public HostUsers() throws IOException {
        this.own = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /** Whether guests get users of their own: only root can give them. */
    public boolean separate() {
        return own == 0;
    }

    /** The user that owns a path. */
    public static int ownerOf(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:uid");
    }

    /** The group that owns a path. */
    public static int groupOf(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:gid");
    }

    /** Gives a file or directory to a user; nothing happens unless users are separate. */
    public void give(Path path, int user) throws IOException {
        if (separate()) {
            Files.setAttribute(path, "unix:uid", user);
            Files.setAttribute(path, "unix:gid", user);
        }
    }

    /** Makes a file the runner's own again. */
    public void takeBack(Path path) throws IOException {
        give(path, own);
    }

    /** Gives a new job's directories to the lowest user that owns no directory beside them. */
    void assign(Path jobs, Path path, Path sockets) throws IOException {
        if (!separate()) {
            return;
        }
        var taken = new BitSet();
        try (Stream<Path> siblings = Files.list(jobs)) {
            for (Path sibling : siblings.toList()) {
                int user = ownerOf(sibling);
                if (user >= FIRST && user < FIRST + COUNT) {
                    taken.set(user - FIRST);
                }
            }
        }
        int user = FIRST + taken.nextClearBit(0);
        if (user >= FIRST + COUNT) {
            throw new IOException("all " + COUNT + " host users for guests are in use");
        }
        give(path, user);
        give(sockets, user);
    }
}
