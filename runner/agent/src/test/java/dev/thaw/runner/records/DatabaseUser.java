package dev.thaw.runner.records;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;

/** Another process that uses a database until it is killed. */
final class DatabaseUser {
    private DatabaseUser() {}

    /** Writes jobs and says each on a line when it is committed; or holds the file locked. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        if (arguments[0].equals("hold")) {
            hold(directory);
            return;
        }
        var records = new JobRecords(RecordsDatabase.open(directory), Clock.systemUTC());
        for (int i = 0; true; i++) {
            records.accept(Sample.submission("job-" + i, "t1", false), Integer.MAX_VALUE);
            System.out.println("job-" + i);
        }
    }

    private static void hold(Path directory) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("records.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN EXCLUSIVE");
            System.out.println("held");
            // Until the test kills it, or goes away itself.
            System.in.read();
        }
    }
}
