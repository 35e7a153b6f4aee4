package dev.thaw.runner.guest;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * Carries a process's standard input to it, on a thread of its own. Nobody waits for that thread: a read of the
 * terminal cannot be interrupted, so it may outlive the process, holding nothing but its buffer.
 */
final class InputPump {
    private static final int CHUNK_BYTES = 64 * 1024;

    private final InputStream source;
    private final GuestStream stream;
    private final Consumer<RunnerException> failed;

    InputPump(InputStream source, GuestStream stream, Consumer<RunnerException> failed) {
        this.source = source;
        this.stream = stream;
        this.failed = failed;
    }

    void start() {
        Yamux.daemon("guest-stdin", this::run).start();
    }

    void close() {
        stream.close();
    }

    private void run() {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            for (int length = read(chunk); length >= 0; length = read(chunk)) {
                stream.output().write(chunk, 0, length);
            }
            stream.finish();
        } catch (RunnerException e) {
            // Not the end of the input: half an input must not look like a whole one.
            failed.accept(e);
        } catch (IOException e) {
            // The process has closed its standard input, or has ended. That is its right.
            stream.close();
        }
    }

    private int read(byte[] chunk) throws RunnerException {
        try {
            return source.read(chunk);
        } catch (IOException | RuntimeException e) {
            throw new RunnerException(
                    Fault.HOST, "the standard input of the process cannot be read: " + e.getMessage(), e);
        }
    }
}
