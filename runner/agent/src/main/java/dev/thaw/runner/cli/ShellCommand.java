package dev.thaw.runner.cli;

import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.AgentJob;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.os.HostTerminal;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.shell.ShellClient;
import dev.thaw.runner.shell.ShellSockets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runner shell}: into the guest of a failed job that is kept. */
@Command(
        name = "shell",
        description = "Opens a shell, or runs COMMAND, in the guest of a failed job that exec --keep-on-failure keeps.",
        sortOptions = false)
final class ShellCommand implements Callable<Integer> {
    private static final int LOOKED_AT = 200;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ID",
            description = "the job; may be left out if only one guest is kept")
    private @Nullable String id;

    @Parameters(index = "1..*", paramLabel = "COMMAND", description = "what to run in place of a shell; after --")
    private List<String> command = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private final Agents agents;

    private final Map<String, String> environment;

    ShellCommand(Map<String, String> environment) {
        this.environment = environment;
        agents = new Agents(environment);
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        var sockets = new ShellSockets(RunnerHome.locate(environment));
        List<JobId> here = sockets.kept();
        Optional<AgentClient> agent = id != null && here.contains(parsed(id)) ? Optional.empty() : agent();
        JobId job = id == null ? only(here, agent) : parsed(id);
        boolean terminal = HostTerminal.device(0).isPresent();
        try (OwnStreams own = OwnStreams.open(true, terminal, environment)) {
            own.beginTyping();
            return agent.isPresent() && !here.contains(job)
                    ? new RemoteShell(agent.get(), job).run(command, own.streams())
                    : new ShellClient(sockets).run(job, command, own.streams());
        }
    }

    /** Who may keep a guest that no runner of this host keeps. */
    private Optional<AgentClient> agent() throws RunnerException, InterruptedException {
        Optional<AgentClient> named = agents.named();
        return named.isPresent() ? named : agents.local();
    }

    private static JobId only(List<JobId> here, Optional<AgentClient> agent)
            throws RunnerException, InterruptedException {
        var kept = new ArrayList<>(here);
        if (agent.isPresent()) {
            agent.get().jobs(Optional.of(JobState.RUNNING.word()), Optional.empty(), LOOKED_AT).stream()
                    .filter(AgentJob::holds)
                    .forEach(job -> kept.add(job.id()));
        }
        if (kept.isEmpty()) {
            throw new RunnerException(Fault.USAGE, "no guest is kept; run a job with: runner exec --keep-on-failure");
        }
        if (kept.size() > 1) {
            throw new RunnerException(
                    Fault.USAGE,
                    "more than one guest is kept; name one of: "
                            + kept.stream().map(JobId::value).collect(Collectors.joining(", ")));
        }
        return kept.get(0);
    }

    private JobId parsed(String text) {
        try {
            return new JobId(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
