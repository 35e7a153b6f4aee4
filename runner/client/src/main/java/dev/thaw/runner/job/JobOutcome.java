package dev.thaw.runner.job;

import dev.thaw.runner.fault.ExitCode;
import java.time.Duration;

/** How a job ended once its guest ran. */
public sealed interface JobOutcome {
    /** What {@code runner exec} exits with. */
    int exitCode();

    /** What the outcome is called in JSON: stable. */
    String word();

    /** The steps ended by themselves: 0 when all are green, else the exit code of the first that failed. */
    record Finished(int exitCode) implements JobOutcome {
        public Finished {
            if (exitCode < 0 || exitCode > 255) {
                throw new IllegalArgumentException("an exit code is 0 to 255, got: " + exitCode);
            }
        }

        @Override
        public String word() {
            return "finished";
        }
    }

    /** The job's deadline passed first. */
    record TimedOut(Duration limit) implements JobOutcome {
        @Override
        public int exitCode() {
            return ExitCode.TIMED_OUT.code();
        }

        @Override
        public String word() {
            return "timed-out";
        }
    }

    /** Somebody ended the job before it ended itself. */
    record Cancelled() implements JobOutcome {
        @Override
        public int exitCode() {
            return ExitCode.CANCELLED.code();
        }

        @Override
        public String word() {
            return "cancelled";
        }
    }
}
