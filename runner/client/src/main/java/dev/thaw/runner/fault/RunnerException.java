package dev.thaw.runner.fault;

/**
 * The runner could not do its part. The message is one line for a person: what was wanted, what was found, what to do.
 */
public final class RunnerException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Fault fault;

    /** A fault that was found here. */
    public RunnerException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    /** A fault that has a cause; the message stands for itself, the cause is for debugging. */
    public RunnerException(Fault fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    /** What kind of fault this is. */
    public Fault fault() {
        return fault;
    }
}
