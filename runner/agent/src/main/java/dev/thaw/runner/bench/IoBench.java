package dev.thaw.runner.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.execution.Guest;
import dev.thaw.runner.execution.GuestSource;
import dev.thaw.runner.execution.JobExecution;
import dev.thaw.runner.execution.JobRequest;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.ArtifactGlob;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.Step;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.workspace.DigestingOutput;
import dev.thaw.runner.workspace.WorkspacePacker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast a workspace of 20,000 files goes in and comes back, and output comes out: beside what this host does with
 * the same files by itself and what the guest's port carries, measured in turns.
 */
public final class IoBench {
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final long PORT_BYTES = 1L << 30;
    private static final long LOG_BYTES = 256L << 20;
    private static final String LINE =
            "[INFO] a line of a build's log, as long as most of them are, with the name of a file: src/main/A.java";
    /** With two processes, as a build would; io.py reads the same way. */
    private static final String READ_ALL = "find . -type f -print0 | xargs -0 -n 500 -P 2 cat > /dev/null";

    private static final String LARGE =
            "for i in 1 2 3 4 5 6 7 8; do head -c 64M /dev/zero | tr '\\0' x > large$i; done";
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");

    private final JobDirectories directories;
    private final JobExecution execution;
    private final GuestSource guests;
    private final Subprocess subprocess;
    private final Path script;

    /** Files lie in a directory of {@code directories}; {@code script} is the host's side. */
    public IoBench(
            JobDirectories directories,
            JobExecution execution,
            GuestSource guests,
            Subprocess subprocess,
            Path script) {
        this.directories = directories;
        this.execution = execution;
        this.guests = guests;
        this.subprocess = subprocess;
        this.script = script;
    }

    /** What one round measured; seconds, and megabytes (10⁶ bytes) a second. */
    private record Round(
            JsonNode host,
            double pack,
            double write,
            double read,
            double port,
            double log,
            double manyOut,
            double largeOut) {}

    /** The host's own figures: {@code tar c | tar x}, reading the copy, a pipe of zeros, a pipe of lines. */
    public record Host(double writeSeconds, double readSeconds, double pipeRate, double logRate) {}

    /**
     * What was measured; medians. Rates are megabytes (10⁶ bytes) a second.
     *
     * @param packSeconds packing into nothing, with the digest; in a job it happens while the guest unpacks
     * @param writeSeconds from the guest's identity until all is unpacked
     * @param readSeconds reading every file in the guest after that
     * @param portRate zeros straight through the port
     * @param logRate lines of a step's output
     * @param manyRate the 20,000 files as artifacts
     * @param largeRate 8 files of 64 MiB as artifacts
     */
    public record Report(
            String accelerator,
            int runs,
            Host host,
            double packSeconds,
            double writeSeconds,
            double readSeconds,
            double portRate,
            double logRate,
            double manyRate,
            double largeRate) {
        /** Written and read, over the host's {@code tar c | tar x} alone. */
        public double workspaceRatio() {
            return (writeSeconds + readSeconds) / host.writeSeconds();
        }

        /** Written and read, over the same on the host. */
        public double likeForLikeRatio() {
            return (writeSeconds + readSeconds) / (host.writeSeconds() + host.readSeconds());
        }
    }

    /** Measures host and guest in turns; one round before the first is not counted. */
    public Report run(Template template, int runs) throws RunnerException, InterruptedException {
        var rounds = new ArrayList<Round>();
        try (JobDirectory directory = directories.create(JobId.random().value())) {
            Path tree = directory.path().resolve("tree");
            script("make", tree.toString());
            try (MemoryDirectory artifacts = MemoryDirectory.make(directory.path())) {
                var places = new Places(directory.path(), tree, artifacts.path());
                round(template, places);
                for (int i = 0; i < runs; i++) {
                    rounds.add(round(template, places));
                }
            }
        }
        return new Report(
                template.accelerator(),
                runs,
                new Host(
                        host(rounds, "write_s"),
                        host(rounds, "read_s"),
                        host(rounds, "pipe_mb_s"),
                        host(rounds, "log_mb_s")),
                median(rounds.stream().map(Round::pack).toList()),
                median(rounds.stream().map(Round::write).toList()),
                median(rounds.stream().map(Round::read).toList()),
                median(rounds.stream().map(Round::port).toList()),
                median(rounds.stream().map(Round::log).toList()),
                median(rounds.stream().map(Round::manyOut).toList()),
                median(rounds.stream().map(Round::largeOut).toList()));
    }

    private static double host(List<Round> rounds, String figure) {
        return median(rounds.stream()
                .map(round -> round.host().path(figure).asDouble())
                .toList());
    }

    private static double median(List<Double> values) {
        return Quantiles.of(values).p50();
    }

    /** Where the bench copies to, the files that it copies, and where artifacts come to. */
    private record Places(Path work, Path tree, Path artifacts) {}

    private Round round(Template template, Places places) throws RunnerException, InterruptedException {
        JsonNode host = hostFigures(places.tree(), places.work());
        double pack = pack(places.tree());
        Path many = places.artifacts().resolve("many");
        JobResult in = job(template, Optional.of(places.tree()), READ_ALL, "dir*/**", many);
        double manyOut = rate(in, many);
        Path large = places.artifacts().resolve("large");
        double largeOut = rate(job(template, Optional.empty(), LARGE, "large*", large), large);
        double port;
        double log;
        Deadline deadline = Deadline.in(LIMIT);
        try (Guest guest = guests.claim(JobId.random(), template, template.diskBytes(), deadline, Stopwatch.start())) {
            port = throughput(guest, List.of("head", "-c", String.valueOf(PORT_BYTES), "/dev/zero"), PORT_BYTES);
            log = throughput(guest, List.of("sh", "-c", "yes \"$0\" | head -c " + LOG_BYTES, LINE), LOG_BYTES);
        }
        return new Round(
                host,
                pack,
                between(in, Phase.IDENTITY, Phase.WORKSPACE),
                between(in, Phase.FIRST_EXEC, Phase.EXITED),
                port,
                log,
                manyOut,
                largeOut);
    }

    private JsonNode hostFigures(Path tree, Path work) throws RunnerException, InterruptedException {
        String text = script("measure", tree.toString(), work.toString());
        try {
            return new JsonMapper().readTree(text);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, script + " printed no JSON: " + text, e);
        }
    }

    private String script(String... words) throws RunnerException, InterruptedException {
        var command = new ArrayList<>(List.of("python3", script.toString()));
        command.addAll(List.of(words));
        Subprocess.Output output = subprocess.run(command, LIMIT);
        if (output.exitCode() != 0) {
            throw new RunnerException(Fault.HOST, script + " failed: " + output.lastLine());
        }
        return output.stdout();
    }

    private static double pack(Path tree) throws RunnerException {
        long began = System.nanoTime();
        try (var out = new DigestingOutput(OutputStream.nullOutputStream())) {
            new WorkspacePacker().pack(tree, out);
        } catch (IOException e) {
            throw new AssertionError("nobody refuses these bytes", e);
        }
        return (System.nanoTime() - began) / 1e9;
    }

    private JobResult job(Template template, Optional<Path> workspace, String script, String artifacts, Path output)
            throws RunnerException {
        JobSpec spec = JobSpec.DEFAULT
                .withSteps(List.of(Step.script("io", script)))
                .withTimeout(LIMIT)
                .withMoreArtifacts(List.of(ArtifactGlob.parse(artifacts)));
        var streams = new JobStreams(null, OutputSink.DISCARD, OutputSink.DISCARD);
        JobResult result =
                execution.run(new JobRequest(JobId.random(), spec, template, workspace, streams, Optional.of(output)));
        if (result.exitCode() != 0) {
            throw new RunnerException(
                    Fault.RESTORE, "the job ended with " + result.outcome() + ", " + result.artifacts());
        }
        return result;
    }

    /** Of a job's artifacts, which are deleted. */
    private static double rate(JobResult result, Path output) throws RunnerException {
        if (!(result.artifacts() instanceof ArtifactReport.Collected collected)) {
            throw new RunnerException(Fault.ARTIFACTS, "no artifacts came: " + result.artifacts());
        }
        try {
            JobDirectory.deleteTree(output);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot delete " + output + ": " + e.getMessage(), e);
        }
        return collected.bytes() / 1e6 / between(result, Phase.EXITED, Phase.COLLECTED);
    }

    private static double between(JobResult result, Phase from, Phase to) throws RunnerException {
        return (at(result, to) - at(result, from)) / 1000;
    }

    private static double at(JobResult result, Phase phase) throws RunnerException {
        return result.timings()
                .at(phase)
                .orElseThrow(() -> new RunnerException(Fault.RESTORE, "the job did not get to " + phase));
    }

    private static double throughput(Guest guest, List<String> argv, long bytes)
            throws RunnerException, InterruptedException {
        var counted = new AtomicLong();
        OutputSink counter = (chunk, offset, length) -> counted.addAndGet(length);
        var command = new GuestCommand(argv, ENVIRONMENT, "/", "build");
        long began = System.nanoTime();
        try (GuestProcess process = guest.session().start(command, new Stdio(null, counter, OutputSink.DISCARD))) {
            Optional<ExecOutcome> outcome = process.await(Deadline.in(LIMIT));
            if (outcome.isEmpty() || counted.get() != bytes) {
                throw new RunnerException(
                        Fault.GUEST_LOST, argv.get(0) + " ended with " + outcome + " and " + counted + " bytes");
            }
        }
        return bytes / 1e6 / ((System.nanoTime() - began) / 1e9);
    }
}
