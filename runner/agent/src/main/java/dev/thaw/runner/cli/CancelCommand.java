package dev.thaw.runner.cli;

import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.AgentJob;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code runner cancel}: ends a job of an agent. */
@Command(
        name = "cancel",
        description = "Ends a job of an agent; one that is over stays as it was.",
        sortOptions = false)
final class CancelCommand implements Callable<Integer> {
    @Mixin
    private final OneJob job = new OneJob();

    @Mixin
    private final Agents agents;

    private final Console console;

    CancelCommand(Map<String, String> environment, Console console) {
        agents = new Agents(environment);
        this.console = console;
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        JobId id = job.id();
        AgentClient agent = agents.any();
        AgentJob before = agent.job(id);
        agent.cancel(id, agent.address().token());
        console.say(
                before.state() == JobState.ENDED
                        ? "job " + id + " was over already: "
                                + before.ending()
                                        .map(ending -> ending.outcome())
                                        .orElse("")
                        : "job " + id + " is being cancelled");
        return 0;
    }
}
