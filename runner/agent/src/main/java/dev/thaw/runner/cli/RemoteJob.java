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
import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.InteractionText;
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
import org.jspecify.annotations.Nullable;

/** A job that an agent runs for this process: its workspace goes there, its output and artifacts come here. */
final class RemoteJob {
    private static final JsonMapper JSON = new JsonMapper();

    private final AgentClient agent;
    private final Console console;
    private final JobSpec spec;
    private final Optional<Path> output;
    private final Optional<Interaction.Hold> hold;

    /**
     * A job of an agent.
     *
     * @param output where its artifacts go
     * @param hold whether its guest is kept if it fails
     */
    RemoteJob(
            AgentClient agent, Console console, JobSpec spec, Optional<Path> output, Optional<Interaction.Hold> hold) {
        this.agent = agent;
        this.console = console;
        this.spec = spec;
        this.output = output;
        this.hold = hold;
    }

    /** Who wants to know how far the job is. */
    interface Watcher {
        /** It has reached a phase. */
        void reached(Phase phase);

        /** It has failed with this code, and its guest is kept. */
        void kept(int exitCode);
    }

    /** Runs it to its end, as if it ran here: an interrupt cancels it, and what the agent could not do is thrown. */
    JobResult run(Path workspace, JobStreams streams, Watcher watcher) throws RunnerException, InterruptedException {
        Interaction wish = RemoteInput.wish(streams, hold);
        AgentReceipt receipt = agent.submit(order(wish));
        try (var feed = new WorkspaceFeed(workspace);
                JobStory story = agent.follow(receipt.job().id(), receipt.jobToken(), 0)) {
            return result(receipt, ending(receipt, feed, story, streams, watcher), feed.remarks());
        }
    }

    private JobEnding ending(
            AgentReceipt receipt, WorkspaceFeed feed, JobStory story, JobStreams streams, Watcher watcher)
            throws RunnerException, InterruptedException {
        var following = new Following(receipt, story, streams, watcher);
        // Closed when the job is over and not before: an input that breaks off is a fault, and a cancelled job has
        // none.
        try (RemoteInput input = input(receipt, streams)) {
            return ending(receipt, feed, following);
        } catch (RunnerException | InterruptedException e) {
            abandon(receipt, e);
            throw e;
        }
    }

    private JobEnding ending(AgentReceipt receipt, WorkspaceFeed feed, Following following)
            throws RunnerException, InterruptedException {
        try {
            upload(receipt, feed);
            return following.ending();
        } catch (InterruptedException e) {
            following.stop();
            return following.ending();
        }
    }

    /** Nobody waits for this job any more. If the agent is away it cannot be told, and the first reason stands. */
    private void abandon(AgentReceipt receipt, Exception why) throws InterruptedException {
        try {
            agent.cancel(receipt.job().id(), receipt.jobToken());
        } catch (RunnerException unheard) {
            why.addSuppressed(unheard);
        }
    }

    private @Nullable RemoteInput input(AgentReceipt receipt, JobStreams streams)
            throws RunnerException, InterruptedException {
        boolean attached = streams.stdin() != null || streams.terminal() != null;
        return attached ? RemoteInput.begin(agent.attach(receipt.job().id(), receipt.jobToken()), streams) : null;
    }

    private void upload(AgentReceipt receipt, WorkspaceFeed feed) throws RunnerException, InterruptedException {
        try {
            agent.upload(receipt, feed.archive());
        } catch (RunnerException e) {
            feed.check();
            throw e;
        }
    }

    /** The job's story, as it is told. */
    private final class Following {
        private final AgentReceipt receipt;
        private final JobStory story;
        private final JobStreams streams;
        private final Watcher watcher;
        private boolean kept;

        Following(AgentReceipt receipt, JobStory story, JobStreams streams, Watcher watcher) {
            this.receipt = receipt;
            this.story = story;
            this.streams = streams;
            this.watcher = watcher;
        }

        JobEnding ending() throws RunnerException, InterruptedException {
            for (Optional<JobEvent> event = story.next(); event.isPresent(); event = story.next()) {
                if (event.get() instanceof JobEvent.Ended ended) {
                    return ended.ending();
                }
                take(event.get());
            }
            throw new RunnerException(
                    Fault.AGENT, "the agent at " + agent.address() + " does not say how the job ended");
        }

        private void take(JobEvent event) throws RunnerException {
            // What shells print in a kept guest is theirs.
            if (event instanceof JobEvent.Log log && !kept) {
                deliver(log, streams);
            } else if (event instanceof JobEvent.Reached reached) {
                watcher.reached(reached.phase());
            } else if (event instanceof JobEvent.Truncated truncated) {
                console.say("the agent keeps no more than " + truncated.limit() + " bytes of output");
            } else if (event instanceof JobEvent.Held held && !kept) {
                kept = true;
                int code = held.exitCode().orElse(0);
                watcher.kept(code);
                console.say(ShellKeeper.kept(code, receipt.job().id()));
            }
        }

        /** A kept guest goes, and the job's end stands; a job that runs is cancelled. */
        void stop() throws RunnerException, InterruptedException {
            if (kept) {
                agent.release(receipt.job().id(), receipt.jobToken());
            } else {
                agent.cancel(receipt.job().id(), receipt.jobToken());
            }
        }
    }

    static void deliver(JobEvent.Log log, JobStreams streams) throws RunnerException {
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

    private ObjectNode order(Interaction wish) {
        try {
            ObjectNode order = JSON.createObjectNode().put("workspace", "archive");
            order.set("spec", JSON.readTree(JobFile.format(spec)));
            InteractionText.put(wish, order);
            return order;
        } catch (JsonProcessingException e) {
            throw new AssertionError("a job file of ours is JSON", e);
        }
    }
}
