package dev.thaw.runner.cli;

import dev.thaw.runner.fault.ExitCode;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into an interrupt of the thread that runs the job, and keeps the process alive until that
 * thread has destroyed its guest and said what there is to say.
 */
final class Cancellation implements AutoCloseable {
    /** Longer than a kill and a deletion ever take; what is left after it is the reaper's. */
    private static final long LIMIT_SECONDS = 20;

    private final Thread job;
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = new Thread(this::cancel, "cancellation");
    private volatile int code = ExitCode.CANCELLED.code();

    private Cancellation(Thread job) {
        this.job = job;
    }

    static Cancellation ofThisThread() {
        Cancellation cancellation = new Cancellation(Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(cancellation.hook);
        return cancellation;
    }

    /** The job has ended with this code; what is ended from now on is what comes after it. */
    void concluded(int exitCode) {
        code = exitCode;
    }

    private void cancel() {
        job.interrupt();
        try {
            if (!finished.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("runner: cancelled; something is left: runner gc");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Not exit(): this is the shutdown already, and its code would be the signal's.
        Runtime.getRuntime().halt(code);
    }

    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The shutdown has begun: the hook ends the process.
            return;
        }
    }
}
