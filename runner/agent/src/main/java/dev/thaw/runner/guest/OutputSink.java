package dev.thaw.runner.guest;

import java.io.IOException;
import java.io.OutputStream;

/** Where the output of a process goes. Called by one thread for each output, as the bytes come; slow is fine. */
public interface OutputSink {
    /** Throws the output away; guestd does not even send it. */
    OutputSink DISCARD = (bytes, offset, length) -> {};

    /** Takes a chunk; the array is the caller's again afterwards. An exception ends the process. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Into a stream, flushed after every chunk. */
    static OutputSink to(OutputStream stream) {
        return (bytes, offset, length) -> {
            stream.write(bytes, offset, length);
            stream.flush();
        };
    }
}
