package dev.thaw.runner.cli;

import dev.thaw.runner.os.HostTerminal;
import dev.thaw.runner.warming.Progress;
import java.io.PrintStream;

/** Where the runner itself speaks: standard error, so that standard output stays the build's. */
public final class Console implements Progress {
    private final PrintStream err;
    private final boolean terminal;
    private final long began = System.nanoTime();

    /** Speaks to a stream, plainly or as to a terminal. */
    public Console(PrintStream err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    /** Speaks to this process's standard error. */
    public static Console standard() {
        return new Console(System.err, HostTerminal.device(2).isPresent());
    }

    /** Whether a person sees it as it comes. */
    boolean terminal() {
        return terminal;
    }

    /** One line. */
    void say(String text) {
        err.println("runner: " + text);
        err.flush();
    }

    @Override
    public void step(int step, int of, String what) {
        long seconds = (System.nanoTime() - began) / 1_000_000_000;
        String bar = terminal ? "█".repeat(step) + "░".repeat(of - step) + " " : "";
        say(bar + "[" + step + "/" + of + "] " + what + " (" + seconds + " s so far)");
    }

    @Override
    public void note(String text) {
        say(text);
    }
}
