package dev.thaw.runner.records;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of a token; the token itself is not.
 *
 * @param id how it is named when it is listed or revoked; no secret
 * @param name whom it was made for
 * @param expires when it ends by itself
 * @param revoked when somebody ended it
 */
public record Token(
        String id,
        String name,
        Set<Scope> scopes,
        Instant created,
        Optional<Instant> expires,
        Optional<Instant> revoked) {
    public Token {
        scopes = Set.copyOf(scopes);
        if (name.isBlank() || name.length() > 64 || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("name of a token must be one line of 1 to 64 characters, got: " + name);
        }
        if (scopes.isEmpty()) {
            throw new IllegalArgumentException("a token needs a scope: submit, read, cancel or admin");
        }
    }

    /** Whether it opens anything at that time. */
    public boolean good(Instant now) {
        return revoked.isEmpty() && expires.map(now::isBefore).orElse(true);
    }

    /** Whether it is good for that; {@code admin} is for everything. */
    public boolean allows(Scope scope) {
        return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
    }
}
