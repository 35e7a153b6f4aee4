package dev.thaw.runner.agent;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.api.JobDesk;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.execution.KeptGuest;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobOutcome;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Jobs without guests. The script of the first step says what happens: {@code say TEXT}, {@code wait} (until the test
 * lets it go on), {@code exit N}, {@code flood BYTES}, {@code cat} (the workspace), {@code read NAME}
 * (a file of the workspace that was fetched), {@code echo} (the input), {@code size
 * ROWS} (once the terminal has so many), {@code signal} (the next one), {@code keep NAME TEXT} (an artifact), {@code
 * warn TEXT} (on standard error), {@code phase KEY} (is reached), {@code break}, one on each line.
 */
final class FakeBody implements JobBody {
    private static final Duration DAY = Duration.ofDays(1);
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
        ran.add(work.id().value());
        work.stopwatch().mark(Phase.IDENTITY);
        var kept = new Kept(work);
        int code = 0;
        long artifacts = 0;
        if (!work.spec().steps().isEmpty()) {
            code = kept.run(work.spec().steps().get(0).argv(), work.session().streams(), Deadline.in(DAY));
            artifacts = kept.artifacts;
        }
        work.session().keeper().extend(kept, Deadline.in(DAY));
        if (code != 0) {
            work.session().keeper().keep(new JobOutcome.Finished(code), kept);
        }
        work.stopwatch().mark(Phase.DISCARDED);
        return new JobResult(
                work.id(),
                new JobOutcome.Finished(code),
                new ArtifactReport.Collected(artifacts, artifacts, List.of()),
                work.stopwatch().timings(),
                "key",
                "tcg",
                Optional.empty(),
                List.of());
    }

    /** What stands for a guest. */
    private final class Kept implements KeptGuest {
        private final Work work;
        private long artifacts;

        Kept(Work work) {
            this.work = work;
        }

        @Override
        public CompletableFuture<?> gone() {
            return new CompletableFuture<>();
        }

        @Override
        public int run(List<String> argv, JobStreams streams, Deadline deadline)
                throws RunnerException, InterruptedException {
            int code = 0;
            try {
                for (String line : argv.get(argv.size() - 1).split("\n", -1)) {
                    String[] words = line.split(" ", 3);
                    switch (words[0]) {
                        case "say" -> say(streams, line.substring(4) + "\n");
                        case "warn" -> {
                            byte[] bytes = (line.substring(5) + "\n").getBytes(StandardCharsets.UTF_8);
                            streams.stderr().write(bytes, 0, bytes.length);
                        }
                        case "phase" -> work.stopwatch().mark(Phase.valueOf(words[1].toUpperCase(Locale.ROOT)));
                        case "wait" -> gate(words[1]).await();
                        case "exit" -> code = Integer.parseInt(words[1]);
                        case "flood" -> say(streams, "x".repeat(Integer.parseInt(words[1])));
                        case "cat" ->
                            say(streams, Files.readAllBytes(work.archive().orElseThrow()));
                        case "read" ->
                            say(
                                    streams,
                                    Files.readString(
                                            work.archive().orElseThrow().resolve(words[1])));
                        case "echo" -> echo(streams);
                        case "size" -> awaitRows(streams, Integer.parseInt(words[1]));
                        case "signal" -> say(streams, "signal " + signal(streams) + "\n");
                        case "keep" -> {
                            Files.writeString(work.artifacts().resolve(words[1]), words[2]);
                            artifacts++;
                        }
                        case "break" -> throw new RunnerException(Fault.GUEST_LOST, "the guest went away");
                        case "bug" -> throw new IllegalStateException("a bug");
                        default -> throw new AssertionError(line);
                    }
                }
            } catch (IOException e) {
                throw new RunnerException(Fault.HOST, String.valueOf(e.getMessage()), e);
            }
            return code;
        }

        private void echo(JobStreams streams) throws IOException {
            byte[] all = Objects.requireNonNull(streams.stdin()).readAllBytes();
            say(streams, all);
        }

        private void awaitRows(JobStreams streams, int rows) throws IOException, InterruptedException {
            Terminal terminal = Objects.requireNonNull(streams.terminal());
            while (terminal.size().rows() != rows) {
                Thread.sleep(5);
            }
            say(streams, terminal.type() + " " + terminal.size() + "\n");
        }

        private int signal(JobStreams streams) throws IOException, InterruptedException {
            var heard = new LinkedBlockingQueue<Integer>();
            try (Terminal.Following following = streams.signals().follow(heard::add)) {
                say(streams, "listening\n");
                return heard.take();
            }
        }
    }

    private static void say(JobStreams streams, String text) throws IOException {
        say(streams, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void say(JobStreams streams, byte[] bytes) throws IOException {
        streams.stdout().write(bytes, 0, bytes.length);
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
