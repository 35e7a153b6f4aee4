package dev.thaw.runner.job;

import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.fault.Fault;
import java.util.List;

/** What became of a job's artifacts. */
public sealed interface ArtifactReport {
    /** Of a job that declared none. */
    ArtifactReport NONE = new Collected(0, 0, List.of());

    /** Lines for a person about what is not an error: a glob that matches nothing, a file that changed meanwhile. */
    List<String> notes();

    /** What the job exits with whose steps ended with this code: a red build stays red. */
    int exitCode(int steps);

    /**
     * They are in the output directory.
     *
     * @param count files, symbolic links and empty directories
     * @param bytes content of the files
     */
    record Collected(long count, long bytes, List<String> notes) implements ArtifactReport {
        public Collected {
            notes = List.copyOf(notes);
        }

        @Override
        public int exitCode(int steps) {
            return steps;
        }
    }

    /** None of them came back; the reason is one line for a person. */
    record Refused(Fault fault, String reason, List<String> notes) implements ArtifactReport {
        public Refused {
            notes = List.copyOf(notes);
        }

        @Override
        public int exitCode(int steps) {
            return steps == ExitCode.OK.code() ? ExitCode.RUNNER_FAULT.code() : steps;
        }
    }
}
