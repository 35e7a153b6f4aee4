package dev.thaw.runner.records;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The records of this host's runs, a file each. What is in one is its job's owner's business: only they may read it. */
public final class ReplayRecords {
    /** Runs whose records are kept; those of older ones go. */
    static final int KEPT = 1000;

    private static final int LARGEST = 4 << 20;
    private static final String SUFFIX = ".json";

    private final Path directory;

    public ReplayRecords(Path directory) {
        this.directory = directory;
    }

    /** Writes a record, or another in place of one with the same id. A reader sees the old or the new one, whole. */
    public void write(ReplayRecord record) throws RunnerException {
        Path file = file(record.id());
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path staged = Files.createTempFile(directory, ".", ".staged");
            Files.writeString(staged, ReplayRecordFile.format(record));
            Files.move(staged, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot write the job's record " + file + ": " + e.getMessage(), e);
        }
    }

    /** Whether a word is the id of one of this host's runs. */
    public boolean has(String word) {
        try {
            return Files.exists(file(new JobId(word)));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The record of one of this host's runs. */
    public ReplayRecord find(JobId id) throws RunnerException {
        if (!Files.exists(file(id))) {
            throw new RunnerException(
                    Fault.USAGE,
                    "there is no record of job " + id + " in " + directory + "; the last " + KEPT + " are kept");
        }
        return read(file(id));
    }

    /** A record that somebody has a copy of. */
    public static ReplayRecord read(Path file) throws RunnerException {
        try (InputStream in = Files.newInputStream(file)) {
            return parse(in, file.toString());
        } catch (NoSuchFileException e) {
            throw new RunnerException(Fault.USAGE, "there is no file " + file, e);
        } catch (IOException e) {
            throw new RunnerException(Fault.USAGE, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** A record from anywhere, which messages call by this name; at most 4 MiB. */
    public static ReplayRecord parse(InputStream in, String name) throws RunnerException, IOException {
        byte[] text = in.readNBytes(LARGEST + 1);
        if (text.length > LARGEST) {
            throw new RunnerException(Fault.USAGE, name + " is not a replay record: it is larger than 4 MiB");
        }
        return ReplayRecordFile.parse(new String(text, StandardCharsets.UTF_8), name);
    }

    /** Removes what is more than {@link #KEPT}, oldest first, and returns how many went. */
    public int prune() throws RunnerException {
        record Aged(Path file, FileTime written) {}
        var files = new ArrayList<Aged>();
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (var stream = Files.newDirectoryStream(directory)) {
            for (Path file : stream) {
                written(file).ifPresent(time -> files.add(new Aged(file, time)));
            }
            files.sort(Comparator.comparing(Aged::written).reversed());
            List<Aged> old = files.subList(Math.min(KEPT, files.size()), files.size());
            for (Aged each : old) {
                Files.deleteIfExists(each.file());
            }
            return old.size();
        } catch (IOException e) {
            throw new RunnerException(
                    Fault.HOST, "cannot remove old records in " + directory + ": " + e.getMessage(), e);
        }
    }

    /** Empty if another run has removed the file meanwhile, or has given what it staged its name. */
    private static Optional<FileTime> written(Path file) throws IOException {
        try {
            return Optional.of(Files.getLastModifiedTime(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private Path file(JobId id) {
        return directory.resolve(id.value() + SUFFIX);
    }
}
