package dev.thaw.runner.cli;

import dev.thaw.runner.artifact.ArtifactDownload;
import dev.thaw.runner.artifact.OutputDirectory;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.client.AgentJob;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code runner artifacts}: what a job of an agent has made. */
@Command(
        name = "artifacts",
        description = "Brings the artifacts of a job of an agent here: all of them, or none.",
        sortOptions = false)
final class ArtifactsCommand implements Callable<Integer> {
    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "where they go (default: " + JobSpec.OUTPUT_DIRECTORY + ")")
    private Path out = Path.of(JobSpec.OUTPUT_DIRECTORY);

    @Mixin
    private final OneJob job = new OneJob();

    @Mixin
    private final Agents agents;

    private final Console console;

    ArtifactsCommand(Map<String, String> environment, Console console) {
        agents = new Agents(environment);
        this.console = console;
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        JobId id = job.id();
        OutputDirectory.check(out);
        AgentClient agent = agents.any();
        ArtifactReport.Collected there = collected(agent.job(id));
        if (there.count() > 0) {
            ArtifactReport here = unpacked(agent, id, there);
            if (here instanceof ArtifactReport.Refused refused) {
                throw new RunnerException(refused.fault(), refused.reason());
            }
        }
        console.say("artifacts: " + there.count() + " in " + out);
        return 0;
    }

    private ArtifactReport unpacked(AgentClient agent, JobId id, ArtifactReport.Collected there)
            throws RunnerException, InterruptedException {
        try (InputStream archive = agent.artifacts(id, agent.address().token())) {
            return new ArtifactDownload().unpack(archive, there, out.toAbsolutePath());
        } catch (IOException e) {
            throw new RunnerException(Fault.AGENT, "the artifacts did not come whole: " + e.getMessage(), e);
        }
    }

    private static ArtifactReport.Collected collected(AgentJob job) throws RunnerException {
        ArtifactReport report = job.ending()
                .map(JobEnding::artifacts)
                .orElseThrow(() -> new RunnerException(
                        Fault.USAGE,
                        "job " + job.id() + " is " + job.state().word() + "; there are artifacts when it is over"));
        if (report instanceof ArtifactReport.Refused refused) {
            throw new RunnerException(refused.fault(), refused.reason());
        }
        if (report instanceof ArtifactReport.Collected collected) {
            return collected;
        }
        throw new AssertionError(report);
    }
}
