package dev.thaw.runner.cli;

import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.JobStory;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code runner logs}: what a job of an agent has printed, each output where it belongs. */
@Command(
        name = "logs",
        description = "Prints the output of a job of an agent: its standard output and error on ours.",
        sortOptions = false)
final class LogsCommand implements Callable<Integer> {
    @Option(names = "-f", description = "go on until the job is over")
    private boolean follow;

    @Mixin
    private final OneJob job = new OneJob();

    @Mixin
    private final Agents agents;

    private final Console console;

    LogsCommand(Map<String, String> environment, Console console) {
        agents = new Agents(environment);
        this.console = console;
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        JobId id = job.id();
        AgentClient agent = agents.any();
        String token = agent.address().token();
        try (JobStory story = follow ? agent.follow(id, token, 0) : agent.story(id, token);
                FileOutputStream out = new FileOutputStream(FileDescriptor.out);
                FileOutputStream err = new FileOutputStream(FileDescriptor.err)) {
            for (Optional<JobEvent> event = story.next(); event.isPresent(); event = story.next()) {
                if (event.get() instanceof JobEvent.Log log) {
                    (log.stream() == JobEvent.Stream.STDOUT ? out : err).write(log.bytes());
                } else if (event.get() instanceof JobEvent.Truncated truncated) {
                    console.say("the agent kept no more than " + truncated.limit() + " bytes of output");
                } else if (event.get() instanceof JobEvent.Ended ended) {
                    ended.ending()
                            .fault()
                            .ifPresent(fault -> console.say(fault.fault().label() + ": " + fault.message()));
                }
            }
            return 0;
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot write the output: " + e.getMessage(), e);
        }
    }
}
