package dev.thaw.runner.os;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * Where the runner keeps its state.
 *
 * @param root images, templates and job directories; as long a path as the file system allows
 * @param runtime sockets of running guests; short, since a UNIX socket's path may have 107 bytes
 */
public record RunnerHome(Path root, Path runtime) {
    /** {@code jobs/<12 characters>/guest.sock} and the like must fit behind the runtime directory. */
    private static final int LONGEST_RUNTIME_PATH = 60;

    /**
     * The home that an environment asks for, created if it is not there.
     *
     * <p>{@code RUNNER_HOME}, else {@code $XDG_DATA_HOME/runner}, else {@code $HOME/.local/share/runner}. Sockets go
     * below {@code RUNNER_RUNTIME} if it is set; else below {@code $XDG_RUNTIME_DIR}, {@code /run} (root) or
     * {@code /tmp}, the first that is short and can be written.
     *
     * @throws RunnerException {@code HOST} if a directory cannot be made or written, is too long for sockets, or can
     *     be written by others and holds them;
     *     {@code NO_SPACE} if the disk is full
     */
    public static RunnerHome locate(Map<String, String> environment) throws RunnerException {
        Path root = root(environment).toAbsolutePath().normalize();
        Path runtime = runtime(environment).toAbsolutePath().normalize();
        try {
            Files.createDirectories(root.resolve("jobs"));
            Files.createDirectories(root.resolve("images"));
            Files.createDirectories(root.resolve("templates"));
            Files.createDirectories(
                    runtime, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new RunnerException(
                    JobDirectories.diskFull(e) ? Fault.NO_SPACE : Fault.HOST,
                    "cannot make the runner's directories below " + root + " and " + runtime + " (" + reason(e)
                            + "); set RUNNER_HOME (RUNNER_RUNTIME) to a directory that can be written",
                    e);
        }
        if (!Files.isWritable(root.resolve("jobs"))) {
            throw new RunnerException(
                    Fault.HOST, "cannot write to " + root + "; set RUNNER_HOME to a directory that can be written");
        }
        checkOwn(runtime);
        return new RunnerHome(root, runtime);
    }

    /** Below a directory that anybody may write to, somebody else may have been first. */
    private static void checkOwn(Path runtime) throws RunnerException {
        try {
            PosixFileAttributes found =
                    Files.readAttributes(runtime, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean own = Files.getAttribute(runtime, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                    .equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
            boolean open = found.permissions().contains(PosixFilePermission.GROUP_WRITE)
                    || found.permissions().contains(PosixFilePermission.OTHERS_WRITE);
            if (!found.isDirectory() || !own || open) {
                throw new RunnerException(
                        Fault.HOST,
                        runtime + " is not a directory that only this user can write to; remove it, or set"
                                + " RUNNER_RUNTIME to another one");
            }
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot look at " + runtime + ": " + reason(e), e);
        }
    }

    private static Path root(Map<String, String> environment) throws RunnerException {
        String home = environment.getOrDefault("RUNNER_HOME", "");
        if (!home.isEmpty()) {
            return Path.of(home);
        }
        String data = environment.getOrDefault("XDG_DATA_HOME", "");
        if (!data.isEmpty()) {
            return Path.of(data, "runner");
        }
        String user = environment.getOrDefault("HOME", "");
        if (user.isEmpty()) {
            throw new RunnerException(Fault.HOST, "neither RUNNER_HOME nor HOME is set; set RUNNER_HOME");
        }
        return Path.of(user, ".local", "share", "runner");
    }

    private static Path runtime(Map<String, String> environment) throws RunnerException {
        String wish = environment.getOrDefault("RUNNER_RUNTIME", "");
        if (!wish.isEmpty()) {
            return asked(wish);
        }
        String session = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!session.isEmpty() && session.length() <= LONGEST_RUNTIME_PATH && Files.isWritable(Path.of(session))) {
            return Path.of(session, "thaw");
        }
        if (Files.isWritable(Path.of("/run"))) {
            return Path.of("/run/thaw");
        }
        return Path.of("/tmp", "thaw-" + user());
    }

    /** What somebody asked for by name is used or refused, never passed over. */
    private static Path asked(String wish) throws RunnerException {
        if (wish.length() > LONGEST_RUNTIME_PATH) {
            throw new RunnerException(
                    Fault.HOST,
                    "RUNNER_RUNTIME is too long for sockets: " + wish + " has " + wish.length() + " characters, "
                            + LONGEST_RUNTIME_PATH + " are possible");
        }
        return Path.of(wish, "thaw");
    }

    /** The same in every run: a reaper must find the sockets of a run that died. */
    private static String user() {
        try {
            return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
