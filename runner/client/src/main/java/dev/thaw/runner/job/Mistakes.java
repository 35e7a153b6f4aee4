package dev.thaw.runner.job;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** What is wrong with one file, line by line, so that a person can mend it all in one go. */
final class Mistakes {
    private static final int MOST_SHOWN = 50;
    private static final int LONGEST = 400;
    // The text of a file is shown on a terminal, which must not obey it.
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}]");

    private final String name;
    private final List<Mistake> found = new ArrayList<>();

    private record Mistake(int line, String text) {}

    /** No mistakes yet in the file of this name. */
    Mistakes(String name) {
        this.name = name;
    }

    void add(int line, String text) {
        String printable = UNPRINTABLE.matcher(text).replaceAll("?");
        found.add(new Mistake(line, shortened(printable)));
    }

    void throwIfAny() throws RunnerException {
        if (!found.isEmpty()) {
            throw fault();
        }
    }

    RunnerException fault() {
        return new RunnerException(Fault.USAGE, message());
    }

    private String message() {
        var message = new StringBuilder(name + " has " + found.size() + (found.size() == 1 ? " mistake" : " mistakes"));
        found.stream()
                .sorted(Comparator.comparingInt(Mistake::line))
                .limit(MOST_SHOWN)
                .forEach(mistake -> message.append("\n  line ")
                        .append(mistake.line())
                        .append(": ")
                        .append(mistake.text()));
        if (found.size() > MOST_SHOWN) {
            message.append("\n  … and ").append(found.size() - MOST_SHOWN).append(" more");
        }
        return message.toString();
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
