package dev.thaw.runner.agent;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.api.JobDesk;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.JobOutcome;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * Jobs without guests. The script of the first step says what happens: {@code say TEXT}, {@code wait} (until the test
 * lets it go on), {@code exit N}, {@code flood BYTES}, {@code cat} (the workspace), {@code keep NAME TEXT} (an artifact),
 * {@code break}, one on each line.
 */
final class FakeBody implements JobBody {
    static final Demand ONE = new Demand(1, new ByteSize(100), new ByteSize(100));

    final FakeStock stock = new FakeStock();
    final List<String> ran = new CopyOnWriteArrayList<>();
    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();

    /** Lets all jobs go on that wait at that gate. */
    void open(String gate) {
        gate(gate).countDown();
    }

    private CountDownLatch gate(String name) {
        return gates.computeIfAbsent(name, unused -> new CountDownLatch(1));
    }

    @Override
    public Demand demand(JobSpec spec) throws RunnerException {
        if (!spec.template().equals("docker")) {
            throw new RunnerException(Fault.NO_TEMPLATE, "there is no template " + spec.template());
        }
        Integer cpus = spec.resources().cpus();
        return cpus == null ? ONE : new Demand(cpus, ONE.memory(), ONE.disk());
    }

    @Override
    public JobResult run(Work work) throws RunnerException, InterruptedException {
        List<String> argv = work.spec().steps().get(0).argv();
        ran.add(work.id().value());
        work.stopwatch().mark(Phase.IDENTITY);
        int code = 0;
        long kept = 0;
        try {
            for (String line : argv.get(argv.size() - 1).split("\n", -1)) {
                String[] words = line.split(" ", 3);
                switch (words[0]) {
                    case "say" -> say(work, line.substring(4) + "\n");
                    case "wait" -> gate(words[1]).await();
                    case "exit" -> code = Integer.parseInt(words[1]);
                    case "flood" -> say(work, "x".repeat(Integer.parseInt(words[1])));
                    case "cat" ->
                        work.stdout().write(Files.readAllBytes(work.archive().orElseThrow()));
                    case "keep" -> {
                        Files.writeString(work.artifacts().resolve(words[1]), words[2]);
                        kept++;
                    }
                    case "break" -> throw new RunnerException(Fault.GUEST_LOST, "the guest went away");
                    case "bug" -> throw new IllegalStateException("a bug");
                    default -> throw new AssertionError(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        work.stopwatch().mark(Phase.DISCARDED);
        return new JobResult(
                work.id(),
                new JobOutcome.Finished(code),
                new ArtifactReport.Collected(kept, kept, List.of()),
                work.stopwatch().timings(),
                "key",
                "tcg",
                Optional.empty(),
                List.of());
    }

    private static void say(Work work, String text) throws IOException {
        work.stdout().write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public StandbyStock standby() {
        return stock;
    }

    @Override
    public List<JobDesk.TemplateOffer> templates() {
        return List.of(new JobDesk.TemplateOffer("docker", List.of(new JobDesk.SizeOffer(2, 2L << 30))));
    }
}
