package dev.thaw.runner.cli;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.agent.AgentConfig;
import dev.thaw.runner.agent.AgentConfigFile;
import dev.thaw.runner.agent.AgentLog;
import dev.thaw.runner.agent.Daemon;
import dev.thaw.runner.agent.GuestJobs;
import dev.thaw.runner.agent.HostShare;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.RunnerHome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code runner agent}: the daemon, in the foreground. */
@Command(
        name = "agent",
        description = "Takes jobs over HTTP until it is told to end (SIGTERM), and runs each in a microVM of its own.")
final class AgentCommand implements Callable<Integer> {
    /** Beside what an agent knows, below the home. */
    static final String DIRECTORY = "agent";

    private static final String CONFIG = "agent.yaml";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "how the agent is set up (default: agent.yaml in RUNNER_HOME, if it is there)")
    private @Nullable Path file;

    @Option(names = "--check", description = "only say what is wrong with the configuration")
    private boolean check;

    private final Engine.Source engines;
    private final Map<String, String> environment;

    AgentCommand(Engine.Source engines, Map<String, String> environment) {
        this.engines = engines;
        this.environment = environment;
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        RunnerHome home = RunnerHome.locate(environment);
        AgentConfig config = config(home);
        if (check) {
            return 0;
        }
        AgentLog.install();
        Engine engine = engines.get();
        engine.jobs().reap();
        var guests = new GuestJobs(
                engine.recipes(), engine.templates(), engine.execution(), engine.standby(), config.accelerator());
        Daemon daemon = Daemon.open(config, home.root().resolve(DIRECTORY), guests, RunnerCommand.Version.number());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(daemon), "drain"));
        daemon.start();
        new CountDownLatch(1).await();
        return 0;
    }

    private AgentConfig config(RunnerHome home) throws RunnerException {
        Demand share = HostShare.of(home.root());
        var reader = new AgentConfigFile(share);
        Path standard = home.root().resolve(CONFIG);
        if (file != null) {
            return reader.read(file);
        }
        return Files.exists(standard) ? reader.read(standard) : reader.absent();
    }

    private static void stop(Daemon daemon) {
        try {
            daemon.drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        daemon.close();
        // Not exit(): this is the shutdown already, and its code would be the signal's. To be told to end is no
        // failure.
        Runtime.getRuntime().halt(0);
    }
}
