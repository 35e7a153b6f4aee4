package dev.thaw.runner.shell;

import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.execution.KeptGuest;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** A kept guest in which a few words mean something. */
final class FakeGuestShell implements KeptGuest {
    final LinkedBlockingQueue<TerminalSize> sizes = new LinkedBlockingQueue<>();
    final CountDownLatch asleep = new CountDownLatch(1);
    final CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    public int run(List<String> argv, JobStreams streams, Deadline deadline)
            throws RunnerException, InterruptedException {
        try {
            return switch (argv.get(0)) {
                case "cat" -> cat(streams);
                case "both" -> both(streams);
                case "fault" -> throw new RunnerException(Fault.CONTAINER, "two\nlines");
                case "window" -> window(streams);
                case "sleep" -> sleep();
                default -> 127;
            };
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public CompletableFuture<?> gone() {
        return new CompletableFuture<>();
    }

    private static int cat(JobStreams streams) throws IOException {
        if (streams.stdin() == null) {
            return 1;
        }
        byte[] all = streams.stdin().readAllBytes();
        streams.stdout().write(all, 0, all.length);
        return 0;
    }

    private static int both(JobStreams streams) throws IOException {
        streams.stdout().write("out".getBytes(StandardCharsets.UTF_8), 0, 3);
        streams.stderr().write("err".getBytes(StandardCharsets.UTF_8), 0, 3);
        return 200;
    }

    private int window(JobStreams streams) throws InterruptedException {
        Terminal terminal = streams.terminal();
        if (terminal == null) {
            return 1;
        }
        TerminalSize first = terminal.size();
        sizes.add(first);
        try (Terminal.Following following = terminal.follow(first, sizes::add)) {
            while (terminal.size().rows() != 1) {
                Thread.sleep(5);
            }
        }
        return 0;
    }

    private int sleep() throws InterruptedException {
        asleep.countDown();
        try {
            new CountDownLatch(1).await();
            return 0;
        } finally {
            interrupted.countDown();
        }
    }
}
