package dev.thaw.runner.records;

import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which jobs, and how many of them at once.
 *
 * @param caller who asks: only what it sees
 * @param outcome a word of an ending
 * @param before only older ones than the one of this number: the last of the page before
 * @param limit 1 to {@value #LARGEST_PAGE}
 */
public record JobFilter(
        Caller caller, Optional<JobState> state, Optional<String> outcome, Optional<Long> before, int limit) {
    /** The most jobs of one page. */
    public static final int LARGEST_PAGE = 200;

    public JobFilter {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new IllegalArgumentException("limit must be 1 to " + LARGEST_PAGE + ", got: " + limit);
        }
    }

    /** Reads the rows of a query. */
    interface Reader {
        List<JobRecord> read(PreparedStatement query) throws SQLException;
    }

    List<JobRecord> select(Connection connection, Reader reader) throws SQLException {
        var conditions = new ArrayList<String>(List.of("TRUE"));
        var values = new ArrayList<Object>();
        restrict(conditions, values);
        add("state = ?", state.map(JobState::word), conditions, values);
        add("outcome = ?", outcome, conditions, values);
        add("number < ?", before, conditions, values);
        values.add(limit);
        String sql = "SELECT * FROM jobs WHERE " + String.join(" AND ", conditions) + " ORDER BY number DESC LIMIT ?";
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            Row.bind(query, values.toArray());
            return reader.read(query);
        }
    }

    private void restrict(List<String> conditions, List<Object> values) {
        if (caller instanceof Caller.JobHolder holder) {
            add("id = ?", Optional.of(holder.job()).map(JobId::value), conditions, values);
        } else if (caller instanceof Caller.TokenHolder holder) {
            if (!holder.may(Scope.ADMIN)) {
                add("token = ?", Optional.of(holder.token().id()), conditions, values);
            }
        } else {
            conditions.add("FALSE");
        }
    }

    private static void add(String condition, Optional<?> value, List<String> conditions, List<Object> values) {
        value.ifPresent(present -> {
            conditions.add(condition);
            values.add(present);
        });
    }
}
