package dev.thaw.runner.guest;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.TimeoutException;

/** A stream's outgoing half, as Java writes it. */
final class StreamOutput extends OutputStream {
    private final GuestStream stream;
    private final Sender sender;
    private final Deadline deadline;

    StreamOutput(GuestStream stream, Sender sender, Deadline deadline) {
        this.stream = stream;
        this.sender = sender;
        this.deadline = deadline;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        try {
            sender.write(source, offset, length, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the guest took no bytes");
        } catch (TimeoutException e) {
            throw new IOException("the guest took no bytes", e);
        }
    }

    @Override
    public void close() {
        stream.finish();
    }
}
