package dev.thaw.runner.job;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One command of a job. */
public record Step(String name, List<String> argv) {
    private static final List<String> SHELL = List.of("/bin/sh", "-e", "-c");
    private static final int LONGEST_NAME = 100;
    // Linux: MAX_ARG_STRLEN, its terminating zero included. Better refused here than by a guest.
    private static final int LONGEST_ARGUMENT = (128 << 10) - 1;

    public Step {
        argv = List.copyOf(argv);
        checkName(name);
        if (argv.isEmpty() || argv.get(0).isEmpty()) {
            throw new IllegalArgumentException("step '" + name + "' has no command");
        }
        for (String argument : argv) {
            checkArgument(name, argument);
        }
    }

    /** A step that runs a script with {@code /bin/sh}; its first command that fails ends it. */
    public static Step script(String name, String run) {
        if (run.isBlank()) {
            throw new IllegalArgumentException("step '" + name + "' has an empty script");
        }
        var argv = new ArrayList<>(SHELL);
        argv.add(run);
        return new Step(name, argv);
    }

    /** Whether {@link #script} makes a step like this one. */
    boolean isScript() {
        int last = argv.size() - 1;
        return argv.subList(0, last).equals(SHELL) && !argv.get(last).isBlank();
    }

    static String checkName(String name) {
        if (name.isBlank() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "name of a step must be one line of 1 to " + LONGEST_NAME + " characters, got: " + name);
        }
        return name;
    }

    private static void checkArgument(String name, String argument) {
        if (argument.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("step '" + name + "' has a NUL character in its command");
        }
        if (argument.getBytes(StandardCharsets.UTF_8).length > LONGEST_ARGUMENT) {
            throw new IllegalArgumentException("step '" + name + "' has an argument or a script of more than "
                    + LONGEST_ARGUMENT + " bytes, which Linux does not take; put it into a file of the workspace");
        }
    }
}
