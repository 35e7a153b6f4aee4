package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.jspecify.annotations.Nullable;

/**
 * One git configuration file with what it includes.
 *
 * <p>Not JGit's FileBasedConfig: that runs {@code git} to find the system's configuration.
 */
final class GitConfigFile extends Config {
    private final Path file;
    private final GitUser user;

    private GitConfigFile(Config base, Path file, GitUser user) {
        super(base);
        this.file = file;
        this.user = user;
    }

    /** What {@code base} says, overridden by the file; {@code base} itself when the file is not there. */
    static Config read(Config base, Path file, GitUser user) throws RunnerException {
        if (!Files.isReadable(file)) {
            return base;
        }
        try {
            var config = new GitConfigFile(base, file, user);
            config.fromText(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
            return config;
        } catch (IOException | ConfigInvalidException e) {
            throw new RunnerException(
                    Fault.WORKSPACE, "cannot read git's configuration " + file + ": " + e.getMessage(), e);
        }
    }

    /** The path that a configuration value means. */
    static Path resolve(String value, Path base, GitUser user) {
        return value.startsWith("~/") ? user.home().resolve(value.substring(2)) : base.resolve(value);
    }

    @Override
    protected byte @Nullable [] readIncludedConfig(String path) throws ConfigInvalidException {
        try {
            return Files.readAllBytes(resolve(path, file.resolveSibling(""), user));
        } catch (IOException e) {
            // As git does: an include that is not there says nothing.
            return null;
        }
    }
}
