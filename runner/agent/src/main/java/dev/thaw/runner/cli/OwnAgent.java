package dev.thaw.runner.cli;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.agent.AgentConfig;
import dev.thaw.runner.agent.AgentConfigFile;
import dev.thaw.runner.agent.AgentFiles;
import dev.thaw.runner.agent.Daemon;
import dev.thaw.runner.agent.GuestJobs;
import dev.thaw.runner.agent.HostShare;
import dev.thaw.runner.client.AgentAddress;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * An agent in this process, of nobody else's: with this home's templates, a port that nobody knows, and records that go
 * with it. Set up as {@code runner agent} is by default, but for the limit of a log.
 */
final class OwnAgent implements AutoCloseable {
    /** Hundreds of jobs are no news to whoever measures them. */
    private static final Logger JOBS = Logger.getLogger(Daemon.class.getPackageName());

    private final JobDirectory directory;
    private final Daemon daemon;
    private final AgentClient client;
    private final int guests;

    /** Of guests on an accelerator; keeps so many bytes of a job's output. */
    OwnAgent(Engine engine, Template template, String accelerator, long log)
            throws RunnerException, InterruptedException {
        JOBS.setLevel(Level.WARNING);
        directory = engine.jobs().create(JobId.random().value());
        try {
            Path own = directory.path().resolve(AgentCommand.DIRECTORY);
            AgentConfig config = config(log);
            var jobs = new GuestJobs(
                    engine.recipes(), engine.templates(), engine.execution(), engine.standby(), accelerator);
            guests = guests(config, jobs.demand(JobSpec.DEFAULT.withTemplate(template.name())));
            daemon = Daemon.open(config, own, jobs, RunnerCommand.Version.number());
            daemon.start();
            String token = Files.readString(own.resolve(AgentFiles.TOKEN)).strip();
            client = new AgentClient(AgentAddress.parse(daemon.address().toString(), token, Optional.empty()));
        } catch (IOException e) {
            directory.close();
            throw new RunnerException(Fault.HOST, "cannot read the agent's token: " + e.getMessage(), e);
        } catch (RunnerException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private AgentConfig config(long log) throws RunnerException, IOException {
        Path file = Files.writeString(
                directory.path().resolve("agent.yaml"),
                "listen: 127.0.0.1:0\ndrain: 1s\nlimits: {log: " + log + "B}\nretention: {size: 1TiB}\n");
        return new AgentConfigFile(HostShare.of(directory.path())).read(file);
    }

    /** For how many of such jobs the budget has room. */
    private static int guests(AgentConfig config, Demand one) {
        int guests = 0;
        for (Demand all = one; all.fits(config.budget()); all = all.plus(one)) {
            guests++;
        }
        return guests;
    }

    AgentClient client() {
        return client;
    }

    /** How many plain jobs run at once. */
    int guests() {
        return guests;
    }

    @Override
    public void close() {
        try {
            daemon.drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        daemon.close();
        directory.close();
    }
}
