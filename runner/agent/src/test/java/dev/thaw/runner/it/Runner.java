package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.terminal.TestTerminal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The runner as its users have it: a process, its words, its streams, its exit code. */
final class Runner {
    static final Path ROOT = Path.of(System.getProperty("thaw.root"));
    static final Path HOME = Path.of(System.getProperty("thaw.home"));
    static final Path JAR = Path.of(System.getProperty("thaw.jar"));
    private static final Duration LIMIT = Duration.ofMinutes(12);

    private final Path home;
    private final Map<String, String> extra = new HashMap<>();
    private List<String> outer = List.of();
    private List<String> machine = List.of();

    private Runner(Path home) {
        this.home = home;
    }

    /** With the home that all tests share, and so the template. */
    static Runner shared() {
        return new Runner(HOME);
    }

    /** With a home of its own. */
    static Runner at(Path home) {
        return new Runner(home);
    }

    Runner with(String name, String value) {
        extra.put(name, value);
        return this;
    }

    /** As the last words of another command. */
    Runner under(List<String> words) {
        outer = List.copyOf(words);
        return this;
    }

    /** With these options of its Java machine. */
    Runner on(String... options) {
        machine = List.of(options);
        return this;
    }

    record Ended(int code, String out, String err) {
        Ended expect(int wanted) {
            assertThat(code).describedAs("stdout:%n%s%nstderr:%n%s", out, err).isEqualTo(wanted);
            return this;
        }
    }

    /** The same at a terminal of its own. */
    TestTerminal atTerminal(Path directory, String... words) throws Exception {
        var environment = new HashMap<String, String>(Map.of("TERM", "vt220"));
        environment.put("RUNNER_HOME", home.toString());
        environment.put("RUNNER_IMAGES", ROOT.resolve("vm-images").toString());
        environment.putAll(extra);
        return TestTerminal.of(command(List.of(words)), environment, directory);
    }

    Process start(List<String> words, Path directory) throws IOException {
        var builder = new ProcessBuilder(command(words)).directory(directory.toFile());
        builder.environment().put("RUNNER_HOME", home.toString());
        builder.environment()
                .putIfAbsent("RUNNER_IMAGES", ROOT.resolve("vm-images").toString());
        builder.environment().putAll(extra);
        return builder.start();
    }

    private List<String> command(List<String> words) {
        var command = new ArrayList<>(outer);
        // Whoever runs the tests in the background may ignore SIGINT, and a JVM that inherits that never hears of it.
        command.addAll(List.of(
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(machine);
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(words);
        return command;
    }

    Ended run(Path directory, String... words) throws IOException, InterruptedException {
        return runOn("", directory, words);
    }

    Ended runOn(String input, Path directory, String... words) throws IOException, InterruptedException {
        return finish(start(List.of(words), directory), input);
    }

    static Ended finish(Process process, String input) throws IOException, InterruptedException {
        try {
            var out = CompletableFuture.supplyAsync(() -> text(process, true));
            var err = CompletableFuture.supplyAsync(() -> text(process, false));
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .describedAs("the runner ends")
                    .isTrue();
            return new Ended(process.exitValue(), out.join(), err.join());
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(Process process, boolean out) {
        try (var stream = out ? process.getInputStream() : process.getErrorStream()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }

    /** Everything of a job that can be seen on the host: directories, sockets, VMM processes of this home. */
    static Set<String> traces(Path home) throws IOException {
        var traces = new TreeSet<String>();
        try (Stream<Path> jobs = Files.list(home.resolve("jobs"))) {
            jobs.filter(Files::isDirectory).forEach(path -> traces.add("directory " + path.getFileName()));
        }
        traces.addAll(
                vmms(home).stream().map(process -> "process " + process.pid()).collect(Collectors.toSet()));
        return traces;
    }

    /** The outermost VMM processes whose job directory is in this home. */
    static List<ProcessHandle> vmms(Path home) {
        return ProcessHandle.allProcesses()
                .filter(process -> isCage(process, home))
                .filter(process ->
                        process.parent().filter(parent -> isCage(parent, home)).isEmpty())
                .toList();
    }

    /** The cage has two processes of the same words, one on either side of the new namespaces. */
    private static boolean isCage(ProcessHandle process, Path home) {
        String words = commandLine(process.pid());
        return words.startsWith("bwrap\0") && words.contains(home.resolve("jobs") + "/");
    }

    static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** Waits until something holds, with a deadline. */
    static void await(String what, Duration limit, Condition condition) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime() - end)
                    .describedAs("nanoseconds past the deadline of: " + what)
                    .isNegative();
            Thread.sleep(20);
        }
    }

    interface Condition {
        boolean holds() throws Exception;
    }
}
