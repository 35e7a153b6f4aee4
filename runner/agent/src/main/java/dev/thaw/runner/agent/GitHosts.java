package dev.thaw.runner.agent;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.GitSource;
import dev.thaw.runner.workspace.GitCredentials;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where an agent may fetch revisions from. A submission names a URL of its own choice, and it is the agent's network and
 * the agent's host that it would be fetched with: what is not in the configuration is refused, {@code file:} at any rate.
 */
record GitHosts(List<GitHost> hosts) {
    GitHosts {
        hosts = List.copyOf(hosts);
    }

    /** Throws {@code USAGE} if the revision may not be fetched. */
    void check(GitSource source) throws RunnerException {
        GitHost unused = host(source);
    }

    /** What the server is to be shown. */
    Optional<GitCredentials> credentials(GitSource source) throws RunnerException {
        Optional<GitHost.Login> login = host(source).login();
        if (login.isEmpty()) {
            return Optional.empty();
        }
        try {
            String password = Files.readString(login.get().passwordFile())
                    .lines()
                    .findFirst()
                    .orElse("")
                    .strip();
            return Optional.of(new GitCredentials(login.get().username(), password));
        } catch (IOException e) {
            throw new RunnerException(
                    Fault.HOST,
                    "the agent cannot read the password of credentials "
                            + login.get().name() + ": " + e.getMessage(),
                    e);
        }
    }

    private GitHost host(GitSource source) throws RunnerException {
        URI uri = URI.create(source.address().url());
        String authority = String.valueOf(uri.getRawAuthority()).toLowerCase(Locale.ROOT);
        boolean https = "https".equalsIgnoreCase(uri.getScheme());
        if ("file".equalsIgnoreCase(uri.getScheme())) {
            throw refused("an agent fetches nothing from its own disk");
        }
        for (GitHost host : hosts) {
            Optional<String> name = host.login().map(GitHost.Login::name);
            if (host.host().equals(authority) && name.equals(source.credentials())) {
                if (name.isPresent() && !https && !loopback(authority)) {
                    throw refused("credentials are sent over https only");
                }
                return host;
            }
        }
        throw refused(
                source.credentials().isPresent()
                        ? "the agent has no credentials " + source.credentials().get() + " for " + authority
                        : "the agent may not fetch from " + authority + "; its configuration has 'git: hosts:'");
    }

    private static boolean loopback(String authority) {
        return authority.matches("localhost(:\\d+)?|127\\.[0-9.]+(:\\d+)?|\\[::1](:\\d+)?");
    }

    private static RunnerException refused(String why) {
        return new RunnerException(Fault.USAGE, why);
    }
}
