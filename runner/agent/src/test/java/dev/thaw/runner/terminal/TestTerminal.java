package dev.thaw.runner.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A program at a terminal of its own, and somebody who types and looks. The terminal outlives the program. */
public final class TestTerminal implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Process driver;
    private final OutputStream orders;
    private final StringBuilder shown = new StringBuilder();
    private final LinkedBlockingQueue<String> states = new LinkedBlockingQueue<>();
    private @Nullable Integer exit;
    private long pid;

    private TestTerminal(Process driver) {
        this.driver = driver;
        orders = driver.getOutputStream();
    }

    /** Starts a program at a terminal of 30 rows and 90 columns. */
    public static TestTerminal of(List<String> command, Map<String, String> environment, Path directory)
            throws Exception {
        Path script = directory.resolve("terminal.py");
        try (InputStream source = TestTerminal.class.getResourceAsStream("/terminal.py")) {
            assertThat(source).isNotNull();
            Files.write(script, source.readAllBytes());
        }
        var words = new ArrayList<>(List.of("python3", script.toString(), "30", "90"));
        words.addAll(command);
        var builder = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectError(directory.resolve("driver.log").toFile());
        builder.environment().putAll(environment);
        var terminal = new TestTerminal(builder.start());
        var reader = new Thread(terminal::read, "test-terminal");
        reader.setDaemon(true);
        reader.start();
        terminal.await("the program is up", () -> terminal.pid > 0);
        return terminal;
    }

    /** The program's process. */
    public long pid() {
        return pid;
    }

    /** Types this text. */
    public void type(String text) throws IOException {
        order("type " + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Gives the terminal another size. */
    public void resize(int rows, int columns) throws IOException {
        order("size " + rows + " " + columns);
    }

    /** Sends the program a signal. */
    public void signal(int number) throws IOException {
        order("signal " + number);
    }

    /** The window is closed; the program is waited for, and its exit is not known. */
    public void hangUp() throws Exception {
        order("hangup");
        assertThat(driver.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** Waits until the terminal is {@code raw} or {@code cooked}. */
    public void awaitState(String wanted) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        String last = "";
        while (!last.equals(wanted)) {
            assertThat(System.nanoTime() - end)
                    .describedAs("the terminal is " + wanted + "; it is " + last + " and shows:\n" + shown())
                    .isNegative();
            last = state();
        }
    }

    /** What it is now: {@code raw} or {@code cooked}, or {@code mixed}. */
    public String state() throws Exception {
        order("state");
        String state = states.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (state == null) {
            throw new TimeoutException("the driver does not answer");
        }
        return state;
    }

    /** All that was shown up to now. */
    public synchronized String shown() {
        return shown.toString();
    }

    /** Waits until this was shown. */
    public void awaitShown(String text) throws Exception {
        await("shown: " + text, () -> shown().contains(text));
    }

    /** Waits for the program's end: its code, or minus the signal that killed it. */
    public int awaitExit() throws Exception {
        await("the program ends", () -> exit != null);
        synchronized (this) {
            return exit == null ? -1 : exit;
        }
    }

    @Override
    public void close() throws Exception {
        orders.close();
        if (!driver.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            driver.destroyForcibly();
        }
    }

    private void order(String line) throws IOException {
        orders.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        orders.flush();
    }

    private synchronized void await(String what, BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new TimeoutException(what + "; the terminal shows:\n" + shown());
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    private void read() {
        try (var lines =
                new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(line.split(" ", 3));
            }
        } catch (IOException e) {
            states.add("gone");
        }
    }

    private synchronized void take(String[] words) {
        switch (words[0]) {
            case "up" -> pid = Long.parseLong(words[2]);
            case "out" -> shown.append(new String(HexFormat.of().parseHex(words[1]), StandardCharsets.UTF_8));
            case "exited" -> exit = Integer.valueOf(words[1]);
            case "state" -> states.add(words[1]);
            default -> throw new AssertionError(words[0]);
        }
        notifyAll();
    }
}
