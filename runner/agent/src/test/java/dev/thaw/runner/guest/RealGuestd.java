package dev.thaw.runner.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real guestd as a process on the host, with a UNIX socket for its port; what it is told, it writes down. */
public final class RealGuestd implements AutoCloseable {
    private static final int BUILD_SECONDS = 120;

    private final Path directory;
    private final Process process;

    private RealGuestd(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
    }

    /** Compiles guestd for the host; returns the program. */
    public static Path build() throws Exception {
        Path module = Path.of("").toAbsolutePath();
        Path output = Files.createDirectories(module.resolve("target/guestd"));
        Path log = output.resolve("make.log");
        Path program = output.resolve("guestd-test");
        Process make = new ProcessBuilder(
                        "make", "-C", sources(module).toString(), "BUILD=" + output, program.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!make.waitFor(BUILD_SECONDS, TimeUnit.SECONDS) || make.exitValue() != 0) {
            make.destroyForcibly();
            throw new AssertionError(
                    "guestd cannot be built for this host; it needs make and gcc:\n" + Files.readString(log));
        }
        return program;
    }

    public static RealGuestd start(Path program) throws IOException {
        Path directory = Files.createTempDirectory("g");
        Process process = new ProcessBuilder(
                        List.of(program.toString(), "--listen", directory + "/s", "--state", directory.toString()))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("stderr").toFile())
                .start();
        return new RealGuestd(directory, process);
    }

    public Path socket() {
        return directory.resolve("s");
    }

    Path directory() {
        return directory;
    }

    /** What the identity gate was asked for, a line for each step. */
    List<String> gateLog() throws IOException {
        return Files.readAllLines(directory.resolve("gate.log"));
    }

    /** Makes a step of the identity gate fail. */
    void refuse(String step) throws IOException {
        Files.createFile(directory.resolve("refuse-" + step));
    }

    /** The exit code, once it has ended itself. */
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new AssertionError("guestd goes on");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        for (String name : List.of("s", "stderr", "gate.log", "hosts", "refuse-entropy")) {
            directory.resolve(name).toFile().delete();
        }
        directory.toFile().delete();
    }

    private static Path sources(Path module) {
        Path root = module;
        while (!Files.exists(root.resolve("vm-images/guestd/Makefile"))) {
            root = root.getParent();
            if (root == null) {
                throw new AssertionError("vm-images/guestd is in no directory above " + module);
            }
        }
        return root.resolve("vm-images/guestd");
    }
}
