package dev.thaw.runner.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.artifact.ArtifactDownload;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.AgentReceipt;
import dev.thaw.runner.client.JobStory;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.execution.WorkspaceFeed;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobFile;
import dev.thaw.runner.job.JobOutcome;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A job that an agent runs for this process: its workspace goes there, its output and artifacts come here. */
final class RemoteJob {
    private static final JsonMapper JSON = new JsonMapper();

    private final AgentClient agent;
    private final Console console;
    private final JobSpec spec;
    private final Optional<Path> output;

    /** A job of an agent; {@code output} is where its artifacts go. */
    RemoteJob(AgentClient agent, Console console, JobSpec spec, Optional<Path> output) {
        this.agent = agent;
        this.console = console;
        this.spec = spec;
        this.output = output;
    }

    /**
     * Runs it to its end, as if it ran here: an interrupt cancels it, and what the agent could not do is thrown.
     *
     * @param phases told of each phase that the job reaches
     */
    JobResult run(Path workspace, JobStreams streams, Consumer<Phase> phases)
            throws RunnerException, InterruptedException {
        AgentReceipt receipt = agent.submit(order());
        try (var feed = new WorkspaceFeed(workspace);
                JobStory story = agent.follow(receipt.job().id(), receipt.jobToken(), 0)) {
            return result(receipt, followed(receipt, feed, story, streams, phases), feed.remarks());
        }
    }

    private JobEnding followed(
            AgentReceipt receipt, WorkspaceFeed feed, JobStory story, JobStreams streams, Consumer<Phase> phases)
            throws RunnerException, InterruptedException {
        try {
            upload(receipt, feed);
            return ending(story, streams, phases);
        } catch (InterruptedException e) {
            agent.cancel(receipt.job().id(), receipt.jobToken());
            return ending(story, streams, phases);
        } catch (RunnerException e) {
            // Nobody waits for this job any more. If the agent is away it cannot be told, and the first reason stands.
            try {
                agent.cancel(receipt.job().id(), receipt.jobToken());
            } catch (RunnerException unheard) {
                e.addSuppressed(unheard);
            }
            throw e;
        }
    }

    private void upload(AgentReceipt receipt, WorkspaceFeed feed) throws RunnerException, InterruptedException {
        try {
            agent.upload(receipt, feed.archive());
        } catch (RunnerException e) {
            feed.check();
            throw e;
        }
    }

    private JobEnding ending(JobStory story, JobStreams streams, Consumer<Phase> phases)
            throws RunnerException, InterruptedException {
        for (Optional<JobEvent> event = story.next(); event.isPresent(); event = story.next()) {
            if (event.get() instanceof JobEvent.Log log) {
                deliver(log, streams);
            } else if (event.get() instanceof JobEvent.Reached reached) {
                phases.accept(reached.phase());
            } else if (event.get() instanceof JobEvent.Truncated truncated) {
                console.say("the agent keeps no more than " + truncated.limit() + " bytes of output");
            } else if (event.get() instanceof JobEvent.Ended ended) {
                return ended.ending();
            }
        }
        throw new RunnerException(Fault.AGENT, "the agent at " + agent.address() + " does not say how the job ended");
    }

    private static void deliver(JobEvent.Log log, JobStreams streams) throws RunnerException {
        byte[] bytes = log.bytes();
        OutputSink sink = log.stream() == JobEvent.Stream.STDOUT ? streams.stdout() : streams.stderr();
        try {
            sink.write(bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "output of the job cannot be delivered: " + e.getMessage(), e);
        }
    }

    private JobResult result(AgentReceipt receipt, JobEnding ending, List<String> remarks)
            throws RunnerException, InterruptedException {
        if (ending.fault().isPresent()) {
            throw new RunnerException(
                    ending.fault().get().fault(), ending.fault().get().message());
        }
        return new JobResult(
                receipt.job().id(),
                outcome(ending),
                artifacts(receipt, ending.artifacts()),
                ending.timings(),
                ending.machine().map(JobEnding.RanOn::templateKey).orElse(""),
                ending.machine().map(JobEnding.RanOn::accelerator).orElse(""),
                ending.workspaceSha256(),
                remarks);
    }

    private JobOutcome outcome(JobEnding ending) {
        return switch (ending.outcome()) {
            case "timed-out" -> new JobOutcome.TimedOut(spec.timeout());
            case "cancelled" -> new JobOutcome.Cancelled();
            default -> new JobOutcome.Finished(ending.exitCode());
        };
    }

    private ArtifactReport artifacts(AgentReceipt receipt, ArtifactReport there)
            throws RunnerException, InterruptedException {
        if (!(there instanceof ArtifactReport.Collected collected) || collected.count() == 0 || output.isEmpty()) {
            return there;
        }
        try (InputStream archive = agent.artifacts(receipt.job().id(), receipt.jobToken())) {
            return new ArtifactDownload().unpack(archive, collected, output.get());
        } catch (IOException e) {
            throw new RunnerException(Fault.AGENT, "the artifacts did not come whole: " + e.getMessage(), e);
        }
    }

    private ObjectNode order() {
        try {
            ObjectNode order = JSON.createObjectNode().put("workspace", "archive");
            order.set("spec", JSON.readTree(JobFile.format(spec)));
            return order;
        } catch (JsonProcessingException e) {
            throw new AssertionError("a job file of ours is JSON", e);
        }
    }
}
