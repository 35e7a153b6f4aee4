package dev.thaw.runner.client;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where an agent is, and what is shown to it.
 *
 * @param uri scheme, host and port
 * @param token of the agent
 * @param authorities a PEM file of certificates to trust; empty for those that the JVM trusts
 */
public record AgentAddress(URI uri, String token, Optional<Path> authorities) {
    /**
     * Of an address as people write it.
     *
     * @throws RunnerException {@code USAGE} if it is none, or would show the token to whoever listens: http is for this
     *     host alone
     */
    public static AgentAddress parse(String text, String token, Optional<Path> authorities) throws RunnerException {
        URI uri = uri(text);
        String host = uri.getHost();
        boolean https = "https".equals(uri.getScheme());
        if (host == null || uri.getRawUserInfo() != null || !(https || "http".equals(uri.getScheme()))) {
            throw usage("an agent's address is http(s)://HOST[:PORT], got: " + shown(text));
        }
        if (!https && !host.matches("localhost|127\\.[0-9.]+|\\[::1]")) {
            throw usage("an agent on another host is spoken to over https, since the token goes along; got: " + text);
        }
        return new AgentAddress(uri.resolve("/"), token, authorities);
    }

    private static URI uri(String text) throws RunnerException {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw usage("an agent's address is http(s)://HOST[:PORT], got: " + shown(text));
        }
    }

    /** Whatever stands before the host may be a secret. */
    private static String shown(String text) {
        int at = text.lastIndexOf('@');
        return at < 0 ? text : "..." + text.substring(at);
    }

    private static RunnerException usage(String message) {
        return new RunnerException(Fault.USAGE, message);
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
