package dev.thaw.runner.workspace;

import java.util.Objects;
import org.eclipse.jgit.transport.CredentialItem;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.URIish;

/** Credentials for one server, and for no other that it may send us to. */
final class OneHostCredentials extends CredentialsProvider {
    private final URIish server;
    private final GitCredentials credentials;

    OneHostCredentials(URIish server, GitCredentials credentials) {
        this.server = server;
        this.credentials = credentials;
    }

    @Override
    public boolean isInteractive() {
        return false;
    }

    @Override
    public boolean supports(CredentialItem... items) {
        for (CredentialItem item : items) {
            if (!(item instanceof CredentialItem.Username || item instanceof CredentialItem.Password)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean get(URIish asked, CredentialItem... items) {
        boolean same = Objects.equals(asked.getScheme(), server.getScheme())
                && Objects.equals(asked.getHost(), server.getHost())
                && asked.getPort() == server.getPort();
        if (!same || !supports(items)) {
            return false;
        }
        for (CredentialItem item : items) {
            if (item instanceof CredentialItem.Username name) {
                name.setValue(credentials.username());
            } else if (item instanceof CredentialItem.Password password) {
                password.setValue(credentials.password().toCharArray());
            }
        }
        return true;
    }
}
