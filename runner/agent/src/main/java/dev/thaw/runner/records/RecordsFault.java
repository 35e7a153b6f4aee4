package dev.thaw.runner.records;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.flywaydb.core.api.FlywayException;
import org.sqlite.SQLiteErrorCode;

/** What a database says went wrong, in a line that says what to do. */
final class RecordsFault {
    private RecordsFault() {}

    static RunnerException of(Path file, SQLException e) {
        // Extended codes have the plain one in their lowest byte.
        int code = e.getErrorCode() & 0xff;
        if (code == SQLiteErrorCode.SQLITE_BUSY.code || code == SQLiteErrorCode.SQLITE_LOCKED.code) {
            return new RunnerException(
                    Fault.RECORDS,
                    "the records in " + file + " are locked by another process; end it and try again",
                    e);
        }
        if (code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code) {
            return damaged(file, firstLine(e));
        }
        if (code == SQLiteErrorCode.SQLITE_FULL.code) {
            return new RunnerException(Fault.NO_SPACE, "no room to write the records in " + file, e);
        }
        return new RunnerException(Fault.RECORDS, "the records in " + file + ": " + firstLine(e), e);
    }

    static RunnerException damaged(Path file, String verdict) {
        return new RunnerException(
                Fault.RECORDS,
                "the records in " + file + " are damaged ("
                        + verdict.lines().findFirst().orElse("")
                        + "); put a copy in its place, or move the file away to begin anew");
    }

    static RunnerException ofSchema(Path file, FlywayException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return of(file, sql);
            }
        }
        return new RunnerException(
                Fault.RECORDS,
                "the records in " + file + " are of another version of the runner: " + firstLine(e)
                        + "; run that version, or move the file away to begin anew",
                e);
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
