package dev.thaw.runner.api;

import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.util.Optional;

/**
 * Where the API is to be had.
 *
 * @param address of this host, with a port; port 0 is any
 * @param tls what the host shows itself with; empty for plain HTTP
 */
public record Listener(InetSocketAddress address, Optional<Tls> tls) {
    /** A certificate with its key. */
    public record Tls(KeyStore store, String password) {}
}
