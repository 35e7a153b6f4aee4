package dev.thaw.runner.fault;

/** The exit codes of {@code runner} that are not the build's own. */
public enum ExitCode {
    /** Done; for {@code exec}: every step ended with 0. */
    OK(0),
    /** The build's deadline passed; what was left of it was destroyed. */
    TIMED_OUT(124),
    /** The runner could not do its part, wrong usage included. */
    RUNNER_FAULT(125),
    /** A step's command exists in the guest but cannot be invoked. */
    NOT_INVOCABLE(126),
    /** A step's command does not exist in the guest. */
    NOT_FOUND(127),
    /** Somebody ended the job before it ended itself. */
    CANCELLED(130);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    /** The number a process exits with, 0 to 255. */
    public int code() {
        return code;
    }
}
