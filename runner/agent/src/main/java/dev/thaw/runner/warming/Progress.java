package dev.thaw.runner.warming;

/** Told what long work is doing. */
public interface Progress {
    /**
     * A new part of the work begins.
     *
     * @param step its number, from 1
     * @param of how many there are
     * @param what the part is, in a few words
     */
    void step(int step, int of, String what);

    /** Something worth a line that is no part of its own. */
    void note(String text);
}
