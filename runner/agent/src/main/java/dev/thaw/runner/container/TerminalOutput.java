package dev.thaw.runner.container;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** The one output of a process at a terminal, as Docker sends it: bytes up to the end. */
final class TerminalOutput {
    private static final int CHUNK = 64 << 10;

    private final InputStream in;
    private final OutputSink stdout;

    TerminalOutput(InputStream in, OutputSink stdout) {
        this.in = in;
        this.stdout = stdout;
    }

    /** As {@link MultiplexedOutput#deliver}: all but what looks like Docker's own complaint, which comes back. */
    byte[] deliver() throws IOException, RunnerException {
        byte[] chunk = new byte[CHUNK];
        var held = new ByteArrayOutputStream();
        boolean holding = true;
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            if (!holding) {
                MultiplexedOutput.deliver(stdout, chunk, read);
                continue;
            }
            held.write(chunk, 0, read);
            holding = MultiplexedOutput.maybeComplaint(held.toByteArray());
            if (!holding) {
                MultiplexedOutput.deliver(stdout, held.toByteArray(), held.size());
                held.reset();
            }
        }
        return held.toByteArray();
    }
}
