package dev.thaw.runner.admission;

/** The right to a part of the host, until closed. */
public interface Lease extends AutoCloseable {
    @Override
    void close();
}
