package dev.thaw.runner.cli;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code --env-file} and {@code -e}: the file first, so that the line wins. */
final class EnvironmentWords {
    private final Map<String, String> shell;

    EnvironmentWords(Map<String, String> shell) {
        this.shell = shell;
    }

    Map<String, String> read(@Nullable Path file, List<String> words) throws RunnerException {
        var result = new LinkedHashMap<String, String>();
        if (file != null) {
            readFile(file, result);
        }
        for (String word : words) {
            put(word, "-e " + word, result);
        }
        return result;
    }

    private void readFile(Path file, Map<String, String> result) throws RunnerException {
        try {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    put(line, file + " line " + number, result);
                }
            }
        } catch (IOException e) {
            throw new RunnerException(
                    Fault.USAGE, "cannot read the environment file " + file + ": " + e.getMessage(), e);
        }
    }

    private void put(String word, String where, Map<String, String> result) throws RunnerException {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        String value = equals < 0 ? shell.get(name) : word.substring(equals + 1);
        if (value == null) {
            throw new RunnerException(
                    Fault.USAGE, where + ": " + name + " is not set here; give a value with " + name + "=VALUE");
        }
        result.put(name, value);
    }
}
