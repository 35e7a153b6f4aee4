package dev.thaw.runner.job;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One thing that happened to a job, in the order in which it did. */
public sealed interface JobEvent {
    /** What the event is called in JSON and in a stream: stable. */
    String word();

    /**
     * The job has come to another state.
     *
     * @param attempt how many times it has been started, this time included
     */
    record Moved(JobState state, int attempt, Instant at) implements JobEvent {
        @Override
        public String word() {
            return "state";
        }
    }

    /** The revision that is the job's workspace was fetched: all digits of its commit, and what there is to say of it. */
    record Fetched(String commit, List<String> notes) implements JobEvent {
        public Fetched {
            notes = List.copyOf(notes);
        }

        @Override
        public String word() {
            return "fetched";
        }
    }

    /** The job has reached a phase, so many milliseconds after its claim. */
    record Reached(Phase phase, double millis) implements JobEvent {
        @Override
        public String word() {
            return "phase";
        }
    }

    /** Bytes of a build's output. */
    record Log(Stream stream, ByteBuffer data) implements JobEvent {
        public Log {
            data = data.asReadOnlyBuffer();
        }

        /** The bytes, as the caller's own. */
        public byte[] bytes() {
            byte[] copy = new byte[data.remaining()];
            data.duplicate().get(copy);
            return copy;
        }

        @Override
        public String word() {
            return "log";
        }
    }

    /** Output beyond so many bytes is not kept. */
    record Truncated(long limit) implements JobEvent {
        @Override
        public String word() {
            return "truncated";
        }
    }

    /**
     * The guest is held, and waits for a step until then.
     *
     * @param exitCode what the job's own steps ended with, if they were not well and that is why it is held
     */
    record Held(Instant until, Optional<Integer> exitCode) implements JobEvent {
        @Override
        public String word() {
            return "held";
        }
    }

    /** A step that was sent to a held guest has begun; the first has the number 1. */
    record StepBegan(int step, String name) implements JobEvent {
        @Override
        public String word() {
            return "step";
        }
    }

    /** A step that was sent to a held guest has ended. */
    record StepEnded(int step, int exitCode) implements JobEvent {
        @Override
        public String word() {
            return "step";
        }
    }

    /** The job is over; nothing follows. */
    record Ended(JobEnding ending, Instant at) implements JobEvent {
        @Override
        public String word() {
            return "ended";
        }
    }

    /** Which of a build's outputs. */
    enum Stream {
        STDOUT,
        STDERR
    }
}
