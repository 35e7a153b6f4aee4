package dev.thaw.runner.records;

import dev.thaw.runner.job.JobId;

/** Who asks: a token says it, and what follows from it. Jobs of others are not even there. */
public sealed interface Caller {
    /** Whether it is good for that at all. */
    boolean may(Scope scope);

    /** Whether this job is one it may see. */
    boolean sees(JobRecord job);

    /** Somebody with a token of the agent's. */
    record TokenHolder(Token token) implements Caller {
        @Override
        public boolean may(Scope scope) {
            return token.allows(scope);
        }

        @Override
        public boolean sees(JobRecord job) {
            return token.allows(Scope.ADMIN) || job.submission().owner().token().equals(token.id());
        }
    }

    /** Somebody with the token of one job: it can be given its workspace, followed and cancelled. */
    record JobHolder(JobId job) implements Caller {
        @Override
        public boolean may(Scope scope) {
            return scope == Scope.READ || scope == Scope.CANCEL;
        }

        @Override
        public boolean sees(JobRecord other) {
            return other.submission().id().equals(job);
        }
    }

    /** Somebody who showed no token. */
    record Anybody() implements Caller {
        @Override
        public boolean may(Scope scope) {
            return false;
        }

        @Override
        public boolean sees(JobRecord job) {
            return false;
        }
    }
}
