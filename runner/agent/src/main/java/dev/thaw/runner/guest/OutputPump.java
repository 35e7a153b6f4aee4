package dev.thaw.runner.guest;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Carries one output of a process to its sink, on a thread of its own. */
final class OutputPump {
    private static final int CHUNK_BYTES = 64 * 1024;

    private final String name;
    private final GuestStream stream;
    private final OutputSink sink;
    private final Consumer<RunnerException> failed;
    private final CountDownLatch done = new CountDownLatch(1);

    /** A pump that reports to {@code failed} when not all of the output could be delivered. */
    OutputPump(String name, GuestStream stream, OutputSink sink, Consumer<RunnerException> failed) {
        this.name = name;
        this.stream = stream;
        this.sink = sink;
        this.failed = failed;
    }

    void start() {
        Yamux.daemon("guest-" + name, this::run).start();
    }

    /** Returns once nothing more is delivered. */
    void await(Deadline deadline) throws InterruptedException, TimeoutException {
        if (!done.await(deadline.leftNanos(), TimeUnit.NANOSECONDS)) {
            throw new TimeoutException();
        }
    }

    void close() {
        stream.close();
    }

    private void run() {
        boolean whole = false;
        try {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int length = read(chunk); length >= 0; length = read(chunk)) {
                deliver(chunk, length);
            }
            whole = true;
        } catch (RunnerException e) {
            failed.accept(e);
        } finally {
            if (!whole) {
                failed.accept(new RunnerException(Fault.HOST, name + " of the process was not delivered to its end"));
            }
            stream.close();
            done.countDown();
        }
    }

    private int read(byte[] chunk) throws RunnerException {
        try {
            return stream.input().read(chunk);
        } catch (IOException e) {
            String what = e instanceof GuestLostException ? "" : "the end of " + name + " is missing: ";
            throw new RunnerException(Fault.GUEST_LOST, what + e.getMessage(), e);
        }
    }

    private void deliver(byte[] chunk, int length) throws RunnerException {
        try {
            sink.write(chunk, 0, length);
        } catch (IOException | RuntimeException e) {
            throw new RunnerException(Fault.HOST, name + " of the process cannot be delivered: " + e.getMessage(), e);
        }
    }
}
