package dev.thaw.runner.os;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Child processes of the runner: a list of words, no shell, an environment that is spelled out.
 *
 * <p>All are started by one thread that lives as long as this object. A child that asks the kernel for a signal at
 * its parent's death ({@code bwrap --die-with-parent}) gets it when the starting <em>thread</em> ends, so a job's own
 * thread must not be the one.
 */
public final class Subprocess {
    private static final int MOST_OUTPUT = 1 << 20;
    /** An ordinary user's path often lacks the places of mke2fs and, inside a chroot, useradd. */
    private static final String SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final ExecutorService starter = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "subprocess-starter");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, String> environment;

    /**
     * Children that see this much of the runner's own environment.
     *
     * @param inherited what the runner itself was started with; only what locates programs, temporary files, proxies
     *     and certificates is passed on
     */
    public Subprocess(Map<String, String> inherited) {
        environment = new HashMap<>();
        environment.put("LC_ALL", "C.UTF-8");
        for (String name : List.of("PATH", "HOME", "TMPDIR", "http_proxy", "https_proxy", "no_proxy")) {
            String value = inherited.get(name);
            if (value != null) {
                environment.put(name, value);
            }
        }
        environment.merge("PATH", SYSTEM_PATH, (own, system) -> own + ":" + system);
    }

    /** What a finished child printed and how it ended. */
    public record Output(int exitCode, String stdout, String stderr) {
        /** The last line that is not blank of what was printed, errors first; empty if there is none. */
        public String lastLine() {
            String text = stderr.isBlank() ? stdout : stderr;
            return text.strip().lines().reduce((first, second) -> second).orElse("");
        }
    }

    /**
     * Starts a child with its input closed and both outputs on pipes.
     *
     * @throws RunnerException {@code HOST} if the program is missing or cannot be run
     */
    public Process start(List<String> command, Map<String, String> extra) throws RunnerException {
        return start(
                new ProcessBuilder(command)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile())),
                extra);
    }

    /** As {@link #start(List, Map)}, with its input on a pipe, too. */
    Process startPiped(List<String> command) throws RunnerException {
        return start(new ProcessBuilder(command), Map.of());
    }

    /**
     * Starts a child whose outputs both go to the end of a file.
     *
     * @throws RunnerException {@code HOST} if the program is missing or cannot be run
     */
    public Process startLogged(List<String> command, Path log) throws RunnerException {
        var builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return start(builder, Map.of());
    }

    private Process start(ProcessBuilder builder, Map<String, String> extra) throws RunnerException {
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().putAll(extra);
        try {
            return starter.submit(builder::start).get();
        } catch (ExecutionException e) {
            throw new RunnerException(
                    Fault.HOST, "cannot start " + builder.command().get(0) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunnerException(
                    Fault.HOST,
                    "interrupted while starting " + builder.command().get(0),
                    e);
        }
    }

    /**
     * Runs a child to its end; it is killed when the limit passes or the thread is interrupted.
     *
     * @throws RunnerException {@code HOST} if it cannot be started, {@code DEADLINE} if it does not end in time
     */
    public Output run(List<String> command, Duration limit) throws RunnerException, InterruptedException {
        return run(command, Map.of(), limit, line -> {});
    }

    /** As {@link #run(List, Duration)}, with each line of either output shown to somebody as it comes, from two threads. */
    public Output run(List<String> command, Map<String, String> extra, Duration limit, Consumer<String> lines)
            throws RunnerException, InterruptedException {
        Process child = start(command, extra);
        try {
            var errors = CompletableFuture.supplyAsync(() -> read(child.getErrorStream(), lines));
            var output = CompletableFuture.supplyAsync(() -> read(child.getInputStream(), lines));
            if (!child.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new RunnerException(
                        Fault.DEADLINE, command.get(0) + " did not end within " + limit.toSeconds() + " s");
            }
            return new Output(child.exitValue(), output.join(), errors.join());
        } finally {
            child.descendants().forEach(ProcessHandle::destroyForcibly);
            child.destroyForcibly();
        }
    }

    private static String read(InputStream stream, Consumer<String> lines) {
        var text = new StringBuilder();
        try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.accept(line);
                text.append(line).append('\n');
                if (text.length() > MOST_OUTPUT) {
                    text.delete(0, text.length() - MOST_OUTPUT / 2);
                }
            }
        } catch (IOException e) {
            // The child was killed: what was read is what there is.
            text.append('\n');
        }
        return text.toString();
    }

    /** Whether a program of this name can be found on the search path that children get. */
    public boolean available(String program) {
        for (String directory : environment.getOrDefault("PATH", "").split(":", -1)) {
            if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }
}
