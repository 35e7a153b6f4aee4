package dev.thaw.runner.doctor;

/**
 * One thing that was looked at.
 *
 * @param name what it is, stable
 * @param verdict how it is
 * @param detail what was found, and what to do if that is not enough
 */
public record Finding(String name, Verdict verdict, String detail) {
    /** How good a finding is. */
    public enum Verdict {
        /** As it should be. */
        OK,
        /** Works, but not as well as it could. */
        WARNING,
        /** Nothing works without it. */
        FAILURE
    }

    static Finding ok(String name, String detail) {
        return new Finding(name, Verdict.OK, detail);
    }

    static Finding warning(String name, String detail) {
        return new Finding(name, Verdict.WARNING, detail);
    }

    static Finding failure(String name, String detail) {
        return new Finding(name, Verdict.FAILURE, detail);
    }
}
