package dev.thaw.runner.bench;

import dev.thaw.runner.execution.Guest;
import dev.thaw.runner.execution.GuestSource;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.vm.MachineLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long the first {@code docker run} after a restore takes, beside the third in the same guest: what a guest still
 * has to find out for itself although its template was warm. Under emulation also what the size of the translation
 * buffer does to both, and to the guest's memory.
 */
public final class DockerBench {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final GuestCommand RUN = new GuestCommand(
            List.of("docker", "run", "--rm", "busybox:latest", "true"),
            Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "HOME", "/root"),
            "/",
            "root");

    private final GuestSource guests;

    public DockerBench(GuestSource guests) {
        this.guests = guests;
    }

    /**
     * What was measured with one size of the translation buffer.
     *
     * @param translationBufferMebibytes the size; empty for the template's own
     * @param firstMillis the first {@code docker run} of a guest, median of all guests
     * @param thirdMillis the third
     * @param privateMebibytes the guest's private memory after the third, median
     */
    public record Row(
            Optional<Integer> translationBufferMebibytes,
            double firstMillis,
            double thirdMillis,
            double privateMebibytes) {
        /** First over third. */
        public double ratio() {
            return firstMillis / thirdMillis;
        }
    }

    /**
     * Measures with each size in turns, so that a noisy host is noisy for all.
     *
     * @param count guests for each size
     * @param sizes of the translation buffer in MiB; empty for the template's own
     */
    public List<Row> run(Template template, int count, List<Integer> sizes)
            throws RunnerException, InterruptedException {
        var rounds = new ArrayList<Rounds>();
        if (sizes.isEmpty()) {
            rounds.add(new Rounds(Optional.empty(), template));
        }
        for (int size : sizes) {
            List<String> machine = MachineLine.withTranslationBuffer(template.machine(), size);
            rounds.add(new Rounds(Optional.of(size), template.withMachine(machine)));
        }
        for (int i = 0; i < count; i++) {
            for (Rounds each : rounds) {
                measure(each);
            }
        }
        return rounds.stream().map(Rounds::row).toList();
    }

    private record Rounds(
            Optional<Integer> size, Template template, List<Double> first, List<Double> third, List<Double> memory) {
        Rounds(Optional<Integer> size, Template template) {
            this(size, template, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        Row row() {
            return new Row(
                    size,
                    Quantiles.of(first).p50(),
                    Quantiles.of(third).p50(),
                    Quantiles.of(memory).p50());
        }
    }

    private void measure(Rounds rounds) throws RunnerException, InterruptedException {
        Template template = rounds.template();
        Deadline deadline = Deadline.in(LIMIT);
        try (Guest guest = guests.claim(JobId.random(), template, template.diskBytes(), deadline, Stopwatch.start())) {
            rounds.first().add(dockerRun(guest, deadline));
            dockerRun(guest, deadline);
            rounds.third().add(dockerRun(guest, deadline));
            rounds.memory().add(PrivateMemory.mebibytes(guest.vm().process()));
        }
    }

    private static double dockerRun(Guest guest, Deadline deadline) throws RunnerException, InterruptedException {
        long began = System.nanoTime();
        try (GuestProcess process =
                guest.session().start(RUN, new Stdio(null, OutputSink.DISCARD, OutputSink.DISCARD))) {
            Optional<ExecOutcome> outcome = process.await(deadline);
            if (outcome.isEmpty() || outcome.get().exitCode() != 0) {
                throw new RunnerException(Fault.RESTORE, "docker run ended with " + outcome);
            }
            return (System.nanoTime() - began) / 1e6;
        }
    }
}
