package dev.thaw.runner.guest;

import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.TimeoutException;

/** A stream's incoming half, as Java reads it. */
final class StreamInput extends InputStream {
    private final Receiver receiver;
    private final Deadline deadline;

    StreamInput(Receiver receiver, Deadline deadline) {
        this.receiver = receiver;
        this.deadline = deadline;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        try {
            return receiver.read(target, offset, length, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the guest");
        } catch (TimeoutException e) {
            throw new IOException("nothing came from the guest", e);
        }
    }

    @Override
    public int available() {
        return receiver.available();
    }
}
