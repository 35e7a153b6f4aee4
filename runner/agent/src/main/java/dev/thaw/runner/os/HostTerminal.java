package dev.thaw.runner.os;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The terminal that this process is used from: its size and, while somebody types for a program elsewhere, raw mode.
 *
 * <p>Both are the business of a small process beside this one, the guard. It sees changes of the size, which a JVM
 * cannot without private interfaces, and it outlives this process: a runner that is killed leaves no terminal in raw
 * mode. It knows of that by the end of its standard input.
 */
public final class HostTerminal {
    private static final System.Logger LOG = System.getLogger(HostTerminal.class.getName());
    private static final long LIMIT_SECONDS = 10;
    // The values are its arguments: nothing is ever put into this text.
    private static final String GUARD = """
            trap '' HUP INT QUIT TERM TSTP TTIN TTOU
            saved=$(stty -F "$1" -g) || exit
            exec 3<&0
            cat <&3 > /dev/null &
            trap 'stty -F "$1" size' WINCH
            [ "$2" = watch ] || stty -F "$1" raw -echo -iexten || exit
            stty -F "$1" size
            while kill -0 $! 2> /dev/null; do wait $!; done
            [ "$2" = watch ] || stty -F "$1" "$saved"
            """;

    private final Subprocess subprocess;
    private final Path device;

    private HostTerminal(Subprocess subprocess, Path device) {
        this.subprocess = subprocess;
        this.device = device;
    }

    /** Takes the rows and columns of a terminal. */
    public interface Sizes {
        /** It has this size now; 0 means unknown. */
        void are(int rows, int columns);
    }

    /** What goes on as long as it is open. Closing it works on an interrupted thread, and twice. */
    public interface Guard extends AutoCloseable {
        @Override
        void close();
    }

    /** The terminal behind a descriptor of this process, if there is one. */
    public static Optional<HostTerminal> at(int descriptor, Subprocess subprocess) {
        return device(descriptor).map(device -> new HostTerminal(subprocess, device));
    }

    /** The device of the terminal behind a descriptor of this process, if there is one. */
    public static Optional<Path> device(int descriptor) {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
            String name = target.toString();
            boolean terminal =
                    name.startsWith("/dev/pts/") || name.startsWith("/dev/tty") || name.equals("/dev/console");
            return terminal ? Optional.of(target) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Tells of its size now, before this returns, and of each later one, on a thread of its own.
     *
     * @throws RunnerException {@code HOST} if the terminal does not tell
     */
    public Guard watch(Sizes sizes) throws RunnerException, InterruptedException {
        return guard("watch", sizes);
    }

    /**
     * Has it pass on every key and every byte as it is, until closed; then it is as it was.
     *
     * @throws RunnerException {@code HOST} if it cannot be done, and at once for a process in the background, whose
     *     terminal is somebody else's
     */
    public Guard raw() throws RunnerException, InterruptedException {
        if (inBackground()) {
            throw new RunnerException(
                    Fault.HOST,
                    "this process is in the background of its terminal; bring it to the front (fg), or leave out -t");
        }
        return guard("raw", (rows, columns) -> {});
    }

    private Guard guard(String mode, Sizes sizes) throws RunnerException, InterruptedException {
        Process process = subprocess.startPiped(List.of("sh", "-c", GUARD, "terminal", device.toString(), mode));
        var begun = new CompletableFuture<Boolean>();
        var reader = new Thread(() -> read(process, sizes, begun), "terminal");
        reader.setDaemon(true);
        reader.start();
        boolean done = false;
        try {
            done = begun.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.log(System.Logger.Level.DEBUG, "no answer from the terminal's guard", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            if (!done) {
                end(process);
            }
        }
        if (!done) {
            throw new RunnerException(Fault.HOST, "the terminal " + device + " cannot be set up by stty");
        }
        return () -> end(process);
    }

    private static void read(Process process, Sizes sizes, CompletableFuture<Boolean> begun) {
        try (var lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                tell(line, sizes);
                begun.complete(true);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the terminal's guard", e);
        } finally {
            begun.complete(false);
        }
    }

    private static void tell(String line, Sizes sizes) {
        if (line.matches("[0-9]{1,5} [0-9]{1,5}")) {
            String[] both = line.split(" ", 2);
            sizes.are(Integer.parseInt(both[0]), Integer.parseInt(both[1]));
        }
    }

    /** The end of its input is what the guard waits for; it is gone when this returns. */
    private static void end(Process process) {
        try {
            process.getOutputStream().close();
            process.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
        } catch (IOException | CompletionException e) {
            LOG.log(System.Logger.Level.WARNING, "the terminal may not be as it was; try: stty sane", e);
            process.destroyForcibly();
        }
    }

    /** proc_pid_stat(5): the fifth field is the process group, the eighth the terminal's foreground one. */
    private static boolean inBackground() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 8);
            // -1: not the terminal that governs this process; nobody stops it there.
            return !fields[5].equals("-1") && !fields[5].equals(fields[2]);
        } catch (IOException e) {
            return false;
        }
    }
}
