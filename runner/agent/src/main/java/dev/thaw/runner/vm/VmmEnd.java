package dev.thaw.runner.vm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** How a VMM ended, in words for whoever has lost the guest in it. */
final class VmmEnd {
    /** A process that dies closes its sockets first: whoever saw that is not yet told that it is dead. */
    private static final long DYING_MILLIS = 2000;

    private static final int LINE = 300;
    private static final int SIGNALS = 128;

    private VmmEnd() {}

    /**
     * @param shutdown QEMU's own word for why it ended, empty if it said none
     */
    static String of(Process process, Path log, String shutdown) {
        boolean ended = false;
        try {
            ended = process.waitFor(DYING_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            return "QEMU still runs";
        }
        int code = process.exitValue();
        String how = "QEMU ended "
                + (code > SIGNALS ? "by signal " + (code - SIGNALS) : "with code " + code)
                + (shutdown.isEmpty() ? "" : " after " + shutdown);
        return how + lastLine(log).map(line -> ": " + line).orElse("");
    }

    /** The last line of what QEMU or its cage complained of. */
    static Optional<String> lastLine(Path log) {
        try {
            // Whatever bytes there are: QEMU prints names that a guest may have chosen.
            return Files.readString(log, StandardCharsets.ISO_8859_1)
                    .lines()
                    .map(line -> line.replaceAll("[^ -~]", "?").strip())
                    .filter(line -> !line.isEmpty())
                    .reduce((first, second) -> second)
                    .map(line -> line.substring(0, Math.min(line.length(), LINE)));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
