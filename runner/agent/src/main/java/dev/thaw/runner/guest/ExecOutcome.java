package dev.thaw.runner.guest;

import dev.thaw.runner.fault.ExitCode;

/** How a process in the guest ended. */
public sealed interface ExecOutcome {
    /** The code that a shell would report, 0 to 255. */
    int exitCode();

    /** It ended itself. */
    record Exited(int code) implements ExecOutcome {
        @Override
        public int exitCode() {
            return code;
        }
    }

    /** A signal ended it. */
    record Signaled(int signal) implements ExecOutcome {
        @Override
        public int exitCode() {
            return 128 + signal;
        }
    }

    /** There was no process, for one of guestd's reasons; the message is one line for a person. */
    record Failed(String reason, String message) implements ExecOutcome {
        @Override
        public int exitCode() {
            return switch (reason) {
                case "not-found" -> ExitCode.NOT_FOUND.code();
                case "not-executable" -> ExitCode.NOT_INVOCABLE.code();
                default -> ExitCode.RUNNER_FAULT.code();
            };
        }
    }
}
