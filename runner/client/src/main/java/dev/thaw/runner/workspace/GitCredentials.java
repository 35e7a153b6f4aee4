package dev.thaw.runner.workspace;

/** A user's name and password, or token, for one git server. Never part of a message. */
public record GitCredentials(String username, String password) {
    @Override
    public String toString() {
        return "credentials of " + username;
    }
}
