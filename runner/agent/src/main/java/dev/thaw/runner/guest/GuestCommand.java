package dev.thaw.runner.guest;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A process to start in the guest: its arguments (the first is the program, searched in {@code env}'s PATH unless it has
 * a slash), its whole environment, its working directory, and the name of its user.
 */
public record GuestCommand(List<String> argv, Map<String, String> env, String cwd, String user) {
    /** A command that guestd can be sent: text without NUL. */
    public GuestCommand {
        argv = List.copyOf(argv);
        env = Collections.unmodifiableMap(new TreeMap<>(env));
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("a command needs at least the name of a program");
        }
        argv.forEach(argument -> check("argument", argument));
        env.forEach(GuestCommand::checkVariable);
        check("working directory", cwd);
        check("user", user);
    }

    private static void checkVariable(String name, String value) {
        if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new IllegalArgumentException("the name of a variable must not be empty or hold '=', got: " + name);
        }
        check("name of a variable", name);
        // Never the value itself: it may be a secret.
        check("value of the variable " + name, value);
    }

    private static void check(String what, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " must not hold the character NUL");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(what + " must be text that UTF-8 can hold");
        }
    }
}
