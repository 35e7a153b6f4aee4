package dev.thaw.runner.job;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.util.Arrays;

/** Why the runner could not do its part, as it stands in a record: its kind, and one line for a person. */
public record FaultReport(Fault fault, String message) {
    /** What an exception says. */
    public static FaultReport of(RunnerException e) {
        return new FaultReport(e.fault(), String.valueOf(e.getMessage()));
    }

    /** The kind that is called so in messages and JSON. */
    static Fault fault(String label) {
        return Arrays.stream(Fault.values())
                .filter(fault -> fault.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kind of fault is called " + label));
    }
}
