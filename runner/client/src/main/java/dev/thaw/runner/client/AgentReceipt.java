package dev.thaw.runner.client;

/** A job that an agent has taken, and the token that is good for this job alone. */
public record AgentReceipt(AgentJob job, String jobToken) {
    @Override
    public String toString() {
        return "receipt of job " + job.id();
    }
}
