package dev.thaw.runner.records;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.GitSource;
import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.InteractionText;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEndingText;
import dev.thaw.runner.job.JobFile;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The jobs of an agent: written down before anything is done about them, and as they come along. */
public final class JobRecords {
    private static final JsonMapper JSON = new JsonMapper();
    /** Guests are offline in this version; a record says so, and not by leaving it out. */
    private static final String POLICY = "{\"allow\":[]}";

    private final RecordsDatabase database;
    private final Clock clock;

    public JobRecords(RecordsDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Writes a submission down, unless it is there already or too many wait.
     *
     * @param mostWaiting jobs that may wait, this one included
     */
    public Acceptance accept(Submission submission, int mostWaiting) throws RunnerException {
        return database.transaction(connection -> {
            Optional<Acceptance> before = before(connection, submission);
            if (before.isPresent()) {
                return before.get();
            }
            int waiting = waiting(connection);
            if (waiting >= mostWaiting) {
                return new Acceptance.Full(waiting);
            }
            insert(connection, submission);
            return new Acceptance.Accepted(
                    one(connection, submission.id()).orElseThrow(() -> new SQLException("the new row is not there")));
        });
    }

    /** The job of that id. */
    public Optional<JobRecord> find(JobId id) throws RunnerException {
        return database.transaction(connection -> one(connection, id));
    }

    /** Jobs that fit, newest first. */
    public List<JobRecord> list(JobFilter filter) throws RunnerException {
        return database.transaction(connection -> filter.select(connection, JobRecords::rows));
    }

    /** All that are not over, oldest first. */
    public List<JobRecord> unfinished() throws RunnerException {
        return database.transaction(connection -> {
            try (PreparedStatement query =
                    connection.prepareStatement("SELECT * FROM jobs WHERE state <> ? ORDER BY number")) {
                Row.bind(query, JobState.ENDED.word());
                return rows(query);
            }
        });
    }

    /** All that are over and began to be so before an instant, oldest first. */
    public List<Kept> ended() throws RunnerException {
        return database.transaction(connection -> {
            try (PreparedStatement query =
                    connection.prepareStatement("SELECT id, ended, bytes FROM jobs WHERE state = ? ORDER BY ended")) {
                Row.bind(query, JobState.ENDED.word());
                try (ResultSet rows = query.executeQuery()) {
                    var kept = new ArrayList<Kept>();
                    while (rows.next()) {
                        kept.add(new Kept(
                                new JobId(rows.getString(1)), Instant.ofEpochMilli(rows.getLong(2)), rows.getLong(3)));
                    }
                    return kept;
                }
            }
        });
    }

    /** A job that is over, and how many bytes its files have. */
    public record Kept(JobId id, Instant ended, long bytes) {}

    /** The job waits: its workspace is here, or it may be tried once more. */
    public void queued(JobId id) throws RunnerException {
        update("UPDATE jobs SET state = ? WHERE id = ?", JobState.QUEUED.word(), id.value());
    }

    /** The job runs, once more or for the first time. */
    public void started(JobId id) throws RunnerException {
        update(
                "UPDATE jobs SET state = ?, attempts = attempts + 1, started = ? WHERE id = ?",
                JobState.RUNNING.word(),
                Instant.ofEpochMilli(clock.millis()),
                id.value());
    }

    /** The job is over; one that was over before stays as it was. */
    public void ended(JobId id, JobEnding ending, long bytes) throws RunnerException {
        update(
                "UPDATE jobs SET state = ?, ended = ?, outcome = ?, ending = ?, bytes = ? WHERE id = ? AND state <> ?",
                JobState.ENDED.word(),
                Instant.ofEpochMilli(clock.millis()),
                ending.outcome(),
                JobEndingText.of(ending).toString(),
                bytes,
                id.value(),
                JobState.ENDED.word());
    }

    /** Forgets a job, its tokens included. */
    public void forget(JobId id) throws RunnerException {
        update("DELETE FROM jobs WHERE id = ?", id.value());
    }

    private void update(String sql, Object... values) throws RunnerException {
        database.transaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                Row.bind(statement, values);
                return statement.executeUpdate();
            }
        });
    }

    private static Optional<Acceptance> before(Connection connection, Submission submission) throws SQLException {
        if (submission.idempotency().isEmpty()) {
            return Optional.empty();
        }
        Submission.Idempotency idempotency = submission.idempotency().get();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT * FROM jobs WHERE token = ? AND idempotency_key = ?")) {
            Row.bind(query, submission.owner().token(), idempotency.key());
            return rows(query).stream().findFirst().map(job -> answer(job, idempotency));
        }
    }

    private static Acceptance answer(JobRecord job, Submission.Idempotency idempotency) {
        boolean same = job.submission()
                .idempotency()
                .filter(then -> then.equals(idempotency))
                .isPresent();
        return same ? new Acceptance.Replayed(job) : new Acceptance.KeyTaken();
    }

    private static int waiting(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT COUNT(*) FROM jobs WHERE state IN (?, ?)")) {
            Row.bind(query, JobState.UPLOADING.word(), JobState.QUEUED.word());
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() ? rows.getInt(1) : 0;
            }
        }
    }

    private static void insert(Connection connection, Submission submission) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO jobs (id, token, client,"
                + " idempotency_key, request_sha256, spec, archive, git, priority, rerun, interaction, policy, submitted,"
                + " start_by, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            Row.bind(
                    insert,
                    submission.id().value(),
                    submission.owner().token(),
                    submission.owner().name(),
                    submission.idempotency().map(Submission.Idempotency::key),
                    submission.idempotency().map(Submission.Idempotency::requestSha256),
                    JobFile.format(submission.spec()),
                    submission.archive(),
                    submission.git().map(JobRecords::text),
                    submission.priority(),
                    submission.rerun(),
                    text(submission.interaction()),
                    POLICY,
                    submission.submitted(),
                    submission.startBy(),
                    (submission.archive() ? JobState.UPLOADING : JobState.QUEUED).word());
            insert.executeUpdate();
        }
    }

    private static Optional<JobRecord> one(Connection connection, JobId id) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT * FROM jobs WHERE id = ?")) {
            Row.bind(query, id.value());
            return rows(query).stream().findFirst();
        }
    }

    private static List<JobRecord> rows(PreparedStatement query) throws SQLException {
        try (ResultSet rows = query.executeQuery()) {
            var jobs = new ArrayList<JobRecord>();
            while (rows.next()) {
                jobs.add(job(rows));
            }
            return jobs;
        }
    }

    private static JobRecord job(ResultSet rows) throws SQLException {
        Optional<String> ending = Row.text(rows, "ending");
        return new JobRecord(
                rows.getLong("number"),
                submission(rows),
                JobState.parse(rows.getString("state")),
                rows.getInt("attempts"),
                Row.instant(rows, "started"),
                Row.instant(rows, "ended"),
                ending.isPresent() ? Optional.of(ending(ending.get())) : Optional.empty());
    }

    private static Submission submission(ResultSet rows) throws SQLException {
        String id = rows.getString("id");
        try {
            return new Submission(
                    new JobId(id),
                    new Submission.Owner(rows.getString("token"), rows.getString("client")),
                    JobFile.parse(rows.getString("spec"), "the spec of job " + id),
                    rows.getBoolean("archive"),
                    Row.text(rows, "git").map(JobRecords::git),
                    rows.getInt("priority"),
                    rows.getBoolean("rerun"),
                    interaction(rows.getString("interaction")),
                    Instant.ofEpochMilli(rows.getLong("submitted")),
                    Instant.ofEpochMilli(rows.getLong("start_by")),
                    idempotency(rows));
        } catch (RunnerException | IllegalArgumentException e) {
            throw new SQLException("a record cannot be read: " + e.getMessage(), e);
        }
    }

    private static Optional<Submission.Idempotency> idempotency(ResultSet rows) throws SQLException {
        Optional<String> key = Row.text(rows, "idempotency_key");
        Optional<String> digest = Row.text(rows, "request_sha256");
        return key.isPresent() && digest.isPresent()
                ? Optional.of(new Submission.Idempotency(key.get(), digest.get()))
                : Optional.empty();
    }

    private static String text(GitSource source) {
        ObjectNode node = JSON.createObjectNode()
                .put("url", source.address().url())
                .put("revision", source.address().revision());
        source.credentials().ifPresent(name -> node.put("credentials", name));
        return node.toString();
    }

    private static GitSource git(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return new GitSource(
                    new GitAddress(
                            node.path("url").asText(), node.path("revision").asText()),
                    node.has("credentials")
                            ? Optional.of(node.path("credentials").asText())
                            : Optional.empty());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no address of a revision: " + e.getMessage(), e);
        }
    }

    private static String text(Interaction interaction) {
        ObjectNode node = JSON.createObjectNode();
        InteractionText.put(interaction, node);
        return node.toString();
    }

    private static Interaction interaction(String text) throws SQLException {
        try {
            return InteractionText.parse(JSON.readTree(text));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new SQLException("a record cannot be read: " + e.getMessage(), e);
        }
    }

    private static JobEnding ending(String text) throws SQLException {
        try {
            return JobEndingText.parse(JSON.readTree(text));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new SQLException("a record cannot be read: " + e.getMessage(), e);
        }
    }
}
