package dev.thaw.runner.records;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who may ask an agent for what. Only digests of tokens are kept; a token is seen once, by who makes it. */
public final class Tokens {
    private static final String PREFIX = "thaw_";
    private static final String JOB_PREFIX = "thawjob_";

    private final RecordsDatabase database;
    private final Clock clock;

    public Tokens(RecordsDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** A new token: what is known of it, and its text. */
    public record Made(Token token, String text) {}

    /** Makes a token; without a life it is good until it is revoked. */
    public Made create(String name, Set<Scope> scopes, Optional<Duration> life) throws RunnerException {
        Instant now = Instant.ofEpochMilli(clock.millis());
        var token = new Token(Secret.randomId(), name, scopes, now, life.map(now::plus), Optional.empty());
        String text = PREFIX + token.id() + "_" + Secret.random();
        database.transaction(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO tokens (id, name, sha256, scopes, created, expires) VALUES (?, ?, ?, ?, ?, ?)")) {
                Row.bind(
                        insert,
                        token.id(),
                        name,
                        Secret.sha256(text),
                        Scope.format(scopes),
                        token.created(),
                        token.expires());
                return insert.executeUpdate();
            }
        });
        return new Made(token, text);
    }

    /** All tokens, oldest first, those that are good no more among them. */
    public List<Token> list() throws RunnerException {
        return database.transaction(connection -> {
            try (PreparedStatement query = connection.prepareStatement("SELECT * FROM tokens ORDER BY created, id");
                    ResultSet rows = query.executeQuery()) {
                var tokens = new ArrayList<Token>();
                while (rows.next()) {
                    tokens.add(token(rows));
                }
                return tokens;
            }
        });
    }

    /**
     * Ends a token, from the next request on.
     *
     * @throws RunnerException {@code USAGE} if there is none of that id
     */
    public void revoke(String id) throws RunnerException {
        int revoked = database.transaction(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE tokens SET revoked = COALESCE(revoked, ?) WHERE id = ?")) {
                Row.bind(update, Instant.ofEpochMilli(clock.millis()), id);
                return update.executeUpdate();
            }
        });
        if (revoked == 0) {
            throw new RunnerException(
                    Fault.USAGE, "there is no token " + id + "; list them with: runner agent token list");
        }
    }

    /** Whom a text from outside speaks for; empty if for nobody, or for nobody any more. */
    public Optional<Caller> caller(String text) throws RunnerException {
        if (text.startsWith(JOB_PREFIX)) {
            return jobOf(text).map(Caller.JobHolder::new);
        }
        int end = text.indexOf('_', PREFIX.length());
        if (!text.startsWith(PREFIX) || end < 0) {
            return Optional.empty();
        }
        return database.transaction(connection -> find(connection, text.substring(PREFIX.length(), end), text))
                .filter(token -> token.good(clock.instant()))
                .map(Caller.TokenHolder::new);
    }

    /** Another token that is good for one job alone; earlier ones stay good. */
    public String createForJob(JobId job) throws RunnerException {
        String text = JOB_PREFIX + Secret.random();
        database.transaction(connection -> {
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO job_tokens (sha256, job) VALUES (?, ?)")) {
                Row.bind(insert, Secret.sha256(text), job.value());
                return insert.executeUpdate();
            }
        });
        return text;
    }

    private Optional<JobId> jobOf(String text) throws RunnerException {
        return database.transaction(connection -> {
            try (PreparedStatement query = connection.prepareStatement("SELECT job FROM job_tokens WHERE sha256 = ?")) {
                Row.bind(query, Secret.sha256(text));
                try (ResultSet rows = query.executeQuery()) {
                    return rows.next() ? Optional.of(new JobId(rows.getString(1))) : Optional.empty();
                }
            }
        });
    }

    private static Optional<Token> find(Connection connection, String id, String text) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT * FROM tokens WHERE id = ?")) {
            Row.bind(query, id);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() && Secret.same(rows.getString("sha256"), Secret.sha256(text))
                        ? Optional.of(token(rows))
                        : Optional.empty();
            }
        }
    }

    private static Token token(ResultSet rows) throws SQLException {
        return new Token(
                rows.getString("id"),
                rows.getString("name"),
                Scope.parse(rows.getString("scopes")),
                Instant.ofEpochMilli(rows.getLong("created")),
                Row.instant(rows, "expires"),
                Row.instant(rows, "revoked"));
    }
}
