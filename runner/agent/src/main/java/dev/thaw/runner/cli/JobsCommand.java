package dev.thaw.runner.cli;

import dev.thaw.runner.client.AgentJob;
import dev.thaw.runner.fault.RunnerException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code runner jobs}: what an agent has to do, does and has done. */
@Command(name = "jobs", description = "Lists the jobs of an agent, newest first.", sortOptions = false)
final class JobsCommand implements Callable<Integer> {
    private static final int SHOWN_COMMAND = 60;

    @Option(names = "--state", paramLabel = "STATE", description = "only these: uploading, queued, running or ended")
    private @Nullable String state;

    @Option(names = "--outcome", paramLabel = "OUTCOME", description = "only these: finished, timed-out, cancelled ...")
    private @Nullable String outcome;

    @Option(names = "-n", paramLabel = "N", description = "at most so many (default: 20)")
    private int most = 20;

    @Mixin
    private final Agents agents;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    JobsCommand(Map<String, String> environment) {
        agents = new Agents(environment);
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        List<AgentJob> jobs = agents.any().jobs(Optional.ofNullable(state), Optional.ofNullable(outcome), most);
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%-14s %-10s %-12s %9s %8s  %s%n", "ID", "STATE", "OUTCOME", "SUBMITTED", "TOOK", "RUNS");
        for (AgentJob job : jobs) {
            out.printf(
                    "%-14s %-10s %-12s %9s %8s  %s%n",
                    job.id(),
                    job.state().word(),
                    job.ending()
                            .map(ending -> ending.outcome().equals("finished")
                                    ? "exit " + ending.exitCode()
                                    : ending.outcome())
                            .orElse(""),
                    length(Duration.between(job.submitted(), Instant.now())) + " ago",
                    job.started()
                            .map(began ->
                                    length(Duration.between(began, job.ended().orElseGet(Instant::now))))
                            .orElse(""),
                    shown(job.first()));
        }
        return 0;
    }

    /** The two largest units of a length, so that a column is enough. */
    private static String length(Duration length) {
        long seconds = Math.max(0, length.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m" + seconds % 60 + "s";
        }
        return seconds < 86400 ? seconds / 3600 + "h" + seconds % 3600 / 60 + "m" : seconds / 86400 + "d";
    }

    /** Somebody else may have written it: nothing that a terminal would obey. */
    private static String shown(String command) {
        String line = command.replaceAll("[\\p{Cc}\\p{Cf}]+", " ");
        return line.length() <= SHOWN_COMMAND ? line : line.substring(0, SHOWN_COMMAND - 3) + "...";
    }
}
