package dev.thaw.runner.guest;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A process to start in the guest: its arguments (the first is the program, searched in {@code env}'s PATH unless it has
 * a slash), its whole environment, its working directory, the name of its user, and the terminal it gets, if any.
 */
public record GuestCommand(
        List<String> argv,
        Map<String, String> env,
        String cwd,
        String user,
        @Nullable TerminalSize terminal) {
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

    /** A command without a terminal. */
    public GuestCommand(List<String> argv, Map<String, String> env, String cwd, String user) {
        this(argv, env, cwd, user, null);
    }

    /** The same command at a terminal of its own; both its outputs are one then, the standard output. */
    public GuestCommand at(TerminalSize size) {
        return new GuestCommand(argv, env, cwd, user, size);
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
