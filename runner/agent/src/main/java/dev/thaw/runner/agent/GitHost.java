package dev.thaw.runner.agent;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * A server that an agent may fetch revisions from.
 *
 * @param host its name, and its port if that is not the scheme's
 * @param login who reads there; empty for anybody
 */
public record GitHost(String host, Optional<Login> login) {
    /**
     * Somebody who may read repositories.
     *
     * @param name what submissions call it
     * @param passwordFile has the password, or token, in its first line; read anew for each fetch
     */
    public record Login(String name, String username, Path passwordFile) {}

    /** The name as it is compared; {@link IllegalArgumentException} if it is none. */
    static String checkHost(String text) {
        String host = text.toLowerCase(Locale.ROOT);
        if (!host.matches("[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?(:[0-9]{1,5})?|\\[[0-9a-f:]+](:[0-9]{1,5})?")) {
            throw new IllegalArgumentException("must be the name of a host, such as github.com, got: " + text);
        }
        return host;
    }
}
