package dev.thaw.runner.api;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.records.Scope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What answers a method of a path.
 *
 * @param path with {@code *} for one variable segment, {@code **} at the end for all that is left
 * @param scope what the caller must be good for; empty for anybody
 */
record Route(String method, List<String> path, Optional<Scope> scope, Action action) {
    /** Answers a call. */
    interface Action {
        void answer(Call call) throws ProblemException, RunnerException, IOException, InterruptedException;
    }

    static Route of(String method, String path, Scope scope, Action action) {
        return new Route(method, segments(path), Optional.of(scope), action);
    }

    static Route open(String path, Action action) {
        return new Route("GET", segments(path), Optional.empty(), action);
    }

    static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** What the path has in place of the variables; empty if it is another path. */
    Optional<List<String>> match(List<String> asked) {
        var variables = new ArrayList<String>();
        for (int i = 0; i < path.size(); i++) {
            String wanted = path.get(i);
            if (wanted.equals("**")) {
                variables.addAll(asked.subList(Math.min(i, asked.size()), asked.size()));
                return asked.size() > i ? Optional.of(variables) : Optional.empty();
            }
            if (i >= asked.size() || !(wanted.equals("*") || wanted.equals(asked.get(i)))) {
                return Optional.empty();
            }
            if (wanted.equals("*")) {
                variables.add(asked.get(i));
            }
        }
        return asked.size() == path.size() ? Optional.of(variables) : Optional.empty();
    }
}
