package dev.thaw.runner.agent;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.FileLease;
import dev.thaw.runner.records.Caller;
import dev.thaw.runner.records.Scope;
import dev.thaw.runner.records.Tokens;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;

/**
 * What an agent leaves for others of this host to find it: where it is, and a token for whoever may read this
 * directory, which is its own user.
 */
public final class AgentFiles {
    /** Where the agent is to be had, while it runs. */
    public static final String ADDRESS = "address";
    /** A token for it. */
    public static final String TOKEN = "token";

    private final Path directory;

    /** In the directory that the records are in. */
    public AgentFiles(Path directory) {
        this.directory = directory;
    }

    /**
     * The right to be this home's agent.
     *
     * @throws RunnerException {@code HOST} if another process is
     */
    FileLease lease() throws RunnerException, InterruptedException {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return FileLease.take(directory.resolve("lock"), Duration.ZERO, () -> {});
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot make " + directory + ": " + e.getMessage(), e);
        } catch (RunnerException e) {
            if (e.fault() != Fault.DEADLINE) {
                throw e;
            }
            throw new RunnerException(
                    Fault.HOST,
                    "another agent runs on " + directory + "; end it, or set RUNNER_HOME to another directory",
                    e);
        }
    }

    /** Sees to it that there is a token that is good. */
    void provideToken(Tokens tokens) throws RunnerException {
        Path file = directory.resolve(TOKEN);
        try {
            Optional<Caller> known = tokens.caller(Files.readString(file).strip());
            if (known.isPresent() && known.get().may(Scope.ADMIN)) {
                return;
            }
        } catch (NoSuchFileException e) {
            // The first start.
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot read " + file + ": " + e.getMessage(), e);
        }
        write(
                file,
                tokens.create("local", EnumSet.of(Scope.ADMIN), Optional.empty())
                        .text());
    }

    void provideAddress(URI address) throws RunnerException {
        write(directory.resolve(ADDRESS), address.toString());
    }

    /** The agent is not to be had any more. Never throws: whoever tries will find out. */
    void removeAddress() {
        try {
            Files.deleteIfExists(directory.resolve(ADDRESS));
        } catch (IOException e) {
            System.getLogger(AgentFiles.class.getName())
                    .log(System.Logger.Level.WARNING, "removing the agent's address", e);
        }
    }

    private void write(Path file, String text) throws RunnerException {
        try {
            // One name, so that what a killed agent left is not left for ever; nobody else writes here.
            Path staged = directory.resolve("." + file.getFileName());
            Files.deleteIfExists(staged);
            // Made with the mode that it is to have: there is no instant at which others can read it.
            Files.createFile(
                    staged, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(staged, text + "\n");
            Files.move(staged, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
