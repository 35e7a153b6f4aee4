package dev.thaw.runner.vm;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.os.Subprocess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The QEMU that guests run on.
 *
 * @param root the file system it and its libraries are taken from, {@code /} unless {@code RUNNER_QEMU_ROOT} says
 *     otherwise
 * @param version all of what {@code --version} prints on its first line, the distribution's package version included
 */
public record Qemu(Path root, String version) {
    /** Where the program lies below the root. */
    public static final String PROGRAM = "usr/bin/qemu-system-x86_64";

    private static final Pattern NUMBERS = Pattern.compile("version (\\d+)\\.(\\d+)");

    /**
     * Finds it. Asking a program for its version takes longer than a tenth of a restore, so the answer is kept until
     * the program's file changes.
     *
     * @throws RunnerException {@code HOST} if there is none or it is too old
     */
    public static Qemu find(Path root, RunnerHome home, Subprocess subprocess)
            throws RunnerException, InterruptedException {
        Path program = root.resolve(PROGRAM);
        try {
            String stamp = program + " " + Files.size(program) + " " + Files.getAttribute(program, "unix:ctime");
            Path cache = home.root().resolve("qemu-version");
            Optional<String> known = cached(cache, stamp);
            if (known.isPresent()) {
                return new Qemu(root, known.get());
            }
            Qemu found = ask(root, subprocess);
            Files.writeString(cache, stamp + "\n" + found.version() + "\n");
            return found;
        } catch (NoSuchFileException e) {
            throw new RunnerException(
                    Fault.HOST,
                    "no QEMU: " + program + " is not there; install it with: apt-get install qemu-system-x86");
        } catch (IOException e) {
            throw JobDirectories.diskFull(e)
                    ? new RunnerException(Fault.NO_SPACE, "cannot write to " + home.root() + ": " + e.getMessage(), e)
                    : new RunnerException(Fault.HOST, "cannot look at " + program + ": " + e.getMessage(), e);
        }
    }

    private static Optional<String> cached(Path cache, String stamp) throws IOException {
        if (!Files.exists(cache)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(cache);
        return lines.size() == 2 && lines.get(0).equals(stamp) ? Optional.of(lines.get(1)) : Optional.empty();
    }

    private static Qemu ask(Path root, Subprocess subprocess) throws RunnerException, InterruptedException {
        List<String> command = root.equals(Path.of("/"))
                ? List.of("/" + PROGRAM, "--version")
                : List.of("bwrap", "--ro-bind", root.toString(), "/", "--dev", "/dev", "/" + PROGRAM, "--version");
        var output = subprocess.run(command, Duration.ofSeconds(30));
        Qemu qemu = new Qemu(root, output.stdout().lines().findFirst().orElse(""));
        if (output.exitCode() != 0 || !NUMBERS.matcher(qemu.version()).find() || !qemu.atLeast(7, 2)) {
            throw new RunnerException(
                    Fault.HOST,
                    "QEMU 7.2 or newer is needed, " + command.get(command.size() - 2) + " says: " + output.lastLine());
        }
        return qemu;
    }

    /** Whether this is that version or a newer one. */
    public boolean atLeast(int major, int minor) {
        Matcher matcher = NUMBERS.matcher(version);
        if (!matcher.find()) {
            return false;
        }
        int foundMajor = Integer.parseInt(matcher.group(1));
        return foundMajor > major || (foundMajor == major && Integer.parseInt(matcher.group(2)) >= minor);
    }

    /** Whether it can open a memory file for reading alone and still give the guest private pages of it. */
    public boolean opensMemoryReadOnly() {
        return atLeast(8, 2);
    }
}
