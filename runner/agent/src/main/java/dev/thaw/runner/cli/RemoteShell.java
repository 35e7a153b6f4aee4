package dev.thaw.runner.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.JobStory;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.InteractionText;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.shell.ShellOrder;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A shell, or a command, in a guest that an agent holds: one more step of its job. */
record RemoteShell(AgentClient agent, JobId id) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Runs it to its end; its exit code. */
    int run(List<String> argv, JobStreams streams) throws RunnerException, InterruptedException {
        String token = agent.address().token();
        ObjectNode order = JSON.createObjectNode().put("name", "shell");
        new ShellOrder(argv, true, null).command().forEach(order.putArray("command")::add);
        InteractionText.put(RemoteInput.wish(streams, Optional.empty()), order);
        AgentClient.StepReceipt receipt = agent.step(id, token, order);
        try (RemoteInput input = input(token, streams);
                JobStory story = agent.follow(id, token, receipt.offset())) {
            return follow(story, receipt.step(), streams);
        }
    }

    private @Nullable RemoteInput input(String token, JobStreams streams) throws RunnerException, InterruptedException {
        try {
            return RemoteInput.begin(agent.attach(id, token), streams);
        } catch (RunnerException e) {
            // A command that reads nothing may be over by now; its story says so.
            if (e.fault() == Fault.REFUSED) {
                return null;
            }
            throw e;
        }
    }

    private int follow(JobStory story, int step, JobStreams streams) throws RunnerException, InterruptedException {
        boolean begun = false;
        for (Optional<JobEvent> event = story.next(); event.isPresent(); event = story.next()) {
            if (event.get() instanceof JobEvent.StepBegan began && began.step() == step) {
                begun = true;
            } else if (event.get() instanceof JobEvent.Log log && begun) {
                RemoteJob.deliver(log, streams);
            } else if (event.get() instanceof JobEvent.StepEnded ended && ended.step() == step) {
                return ended.exitCode();
            }
        }
        throw new RunnerException(Fault.GUEST_LOST, "the guest of job " + id + " is not kept any more");
    }
}
