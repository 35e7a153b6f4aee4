package dev.thaw.runner.api;

/** Ends a request that cannot be answered as asked. The message is the problem's detail: a line for a person. */
public final class ProblemException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Problem problem;

    ProblemException(Problem problem, String detail) {
        super(detail);
        this.problem = problem;
    }

    /** What kind of problem it is. */
    public Problem problem() {
        return problem;
    }
}
