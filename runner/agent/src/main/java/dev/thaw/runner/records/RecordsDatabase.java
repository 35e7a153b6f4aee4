package dev.thaw.runner.records;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The file that an agent's records and tokens are in. What was committed is there after the process was killed, and
 * after the host lost its power.
 */
public final class RecordsDatabase implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RecordsDatabase.class.getName());
    private static final String FILE = "records.db";
    private static final String MIGRATIONS = "classpath:dev/thaw/runner/records";
    /** Others write for milliseconds only; whoever holds the file for longer is no runner. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration LIBRARY_IN_USE = Duration.ofMinutes(5);

    private final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();

    private RecordsDatabase(Connection connection) {
        this.connection = connection;
    }

    /**
     * Opens the database in a directory, made if it is not there, and brings its schema up to date.
     *
     * @throws RunnerException {@code RECORDS} if it is damaged, is held by somebody else, or is of a newer version;
     *     {@code NO_SPACE} if the disk is full
     */
    public static RecordsDatabase open(Path directory) throws RunnerException {
        Path file = directory.resolve(FILE);
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            sweepLibraries(directory);
            SQLiteDataSource source = source(directory, file);
            Connection connection = source.getConnection();
            try {
                check(connection, file);
                migrate(source);
                return new RecordsDatabase(connection);
            } catch (SQLException | RunnerException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot make " + directory + ": " + e.getMessage(), e);
        } catch (SQLException e) {
            throw RecordsFault.of(file, e);
        } catch (FlywayException e) {
            throw RecordsFault.ofSchema(file, e);
        }
    }

    private static SQLiteDataSource source(Path directory, Path file) {
        // SQLite's own part is unpacked to a file, which a killed process leaves; not where nobody would look for it.
        System.setProperty("org.sqlite.tmpdir", directory.toString());
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout((int) PATIENCE.toMillis());
        config.enforceForeignKeys(true);
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    private static void check(Connection connection, Path file) throws SQLException, RunnerException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("PRAGMA quick_check(1)")) {
            String verdict = found.next() ? found.getString(1) : "no answer";
            if (!verdict.equals("ok")) {
                throw RecordsFault.damaged(file, verdict);
            }
        }
        // Says now, and not at the first job, that somebody else holds the file.
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            statement.execute("ROLLBACK");
        }
    }

    private static void migrate(SQLiteDataSource source) {
        Flyway.configure()
                .dataSource(source)
                .locations(MIGRATIONS)
                // Not its default, which takes a file of a newer version for one of this.
                .ignoreMigrationPatterns(new String[0])
                .load()
                .migrate();
    }

    private static void sweepLibraries(Path directory) throws IOException {
        Instant old = Instant.now().minus(LIBRARY_IN_USE);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, "sqlite-*")) {
            for (Path file : left) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(old)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Something to do with the database. */
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /** Does it as a whole or not at all; when this returns, it is on the disk. */
    <T> T transaction(Work<T> work) throws RunnerException {
        lock.lock();
        try {
            connection.setAutoCommit(false);
            try {
                T made = work.with(connection);
                connection.commit();
                return made;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw RecordsFault.of(Path.of(FILE), e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.WARNING, "closing the records", e);
        } finally {
            lock.unlock();
        }
    }
}
