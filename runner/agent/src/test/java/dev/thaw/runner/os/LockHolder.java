package dev.thaw.runner.os;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Another process that holds a file's lock from the line it prints until its input ends. */
final class LockHolder implements AutoCloseable {
    private final Process process;

    LockHolder(Path file) throws Exception {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LockHolder.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (process.getInputStream().read() != 'L') {
            throw new AssertionError("no lock on " + file);
        }
    }

    /** The other process. */
    public static void main(String[] arguments) throws Exception {
        try (FileChannel channel =
                FileChannel.open(Path.of(arguments[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            System.out.print("L");
            System.out.flush();
            System.in.readAllBytes();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
