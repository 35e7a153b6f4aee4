package dev.thaw.runner.agent;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.api.Listener;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.records.Retention;
import java.time.Duration;
import java.util.List;

/**
 * How an agent is set up; docs/agent.md has the file.
 *
 * @param accelerator what guests run on: {@code auto}, {@code kvm} or {@code tcg}
 * @param budget what all jobs together may have
 * @param queueLength jobs that may wait
 * @param startWithin how long a job may wait
 * @param workspace the largest archive
 * @param log bytes of output that are kept of a job
 * @param standby guests that wait for jobs
 * @param git where revisions may be fetched from; nowhere else
 * @param drain how long running jobs may go on when the agent is told to end
 */
public record AgentConfig(
        Listener listener,
        String accelerator,
        Demand budget,
        int queueLength,
        Duration startWithin,
        ByteSize workspace,
        ByteSize log,
        Retention retention,
        Standby standby,
        List<GitHost> git,
        Duration drain) {
    public AgentConfig {
        git = List.copyOf(git);
    }

    /**
     * Guests that wait for jobs.
     *
     * @param guests of which templates, the most wanted first
     * @param spareMemory they are discarded while the host has less than that available
     */
    public record Standby(List<StandbyWish> guests, ByteSize spareMemory) {
        public Standby {
            guests = List.copyOf(guests);
        }
    }
}
