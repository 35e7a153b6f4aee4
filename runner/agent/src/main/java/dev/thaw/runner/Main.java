package dev.thaw.runner;

import dev.thaw.runner.admission.HostAdmission;
import dev.thaw.runner.artifact.ArtifactCollector;
import dev.thaw.runner.bench.AgentJobsBench;
import dev.thaw.runner.bench.DensityBench;
import dev.thaw.runner.bench.DockerBench;
import dev.thaw.runner.bench.IoBench;
import dev.thaw.runner.bench.StartBench;
import dev.thaw.runner.cli.Console;
import dev.thaw.runner.cli.Engine;
import dev.thaw.runner.cli.Replays;
import dev.thaw.runner.cli.RunnerCommand;
import dev.thaw.runner.doctor.Doctor;
import dev.thaw.runner.execution.JobExecution;
import dev.thaw.runner.execution.RestoredGuests;
import dev.thaw.runner.execution.StandbyGuests;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.records.ReplayRecords;
import dev.thaw.runner.template.RecipeBook;
import dev.thaw.runner.template.TemplateStore;
import dev.thaw.runner.vm.AcceleratorProof;
import dev.thaw.runner.vm.Booter;
import dev.thaw.runner.vm.Cage;
import dev.thaw.runner.vm.HostCpu;
import dev.thaw.runner.vm.Qemu;
import dev.thaw.runner.vm.Restorer;
import dev.thaw.runner.warming.HostCertificates;
import dev.thaw.runner.warming.ImageBuilder;
import dev.thaw.runner.warming.ImageSources;
import dev.thaw.runner.warming.TemplateKeys;
import dev.thaw.runner.warming.TemplateWarmer;
import dev.thaw.runner.warming.Templates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Builds the object graph, runs one command, exits. */
public final class Main {
    private Main() {}

    /** Runs {@code runner} with these words. */
    public static void main(String[] arguments) {
        // One line for each message, like everything else the runner says; the JDK's own form takes two.
        System.setProperty("java.util.logging.SimpleFormatter.format", "runner: %5$s%n");
        System.setProperty("java.util.logging.manager", KeptLogs.class.getName());
        Map<String, String> environment = System.getenv();
        System.exit(RunnerCommand.line(() -> engine(environment), environment, Console.standard())
                .execute(arguments));
    }

    private static Engine engine(Map<String, String> environment) throws RunnerException, InterruptedException {
        RunnerHome home = RunnerHome.locate(environment);
        HostUsers users = users();
        JobDirectories jobs = new JobDirectories(home, users);
        Subprocess subprocess = new Subprocess(environment);
        TemplateStore store = new TemplateStore(home);
        Path sources =
                Path.of(environment.getOrDefault("RUNNER_IMAGES", "vm-images")).toAbsolutePath();
        RecipeBook recipes = new RecipeBook(sources);
        Qemu qemu = Qemu.find(Path.of(environment.getOrDefault("RUNNER_QEMU_ROOT", "/")), home, subprocess);
        HostCpu cpu = HostCpu.read(home, subprocess, sources.resolve("host/tsc-rate.c"));
        HostCertificates certificates = HostCertificates.read(environment.getOrDefault("RUNNER_HOST_CA", ""));
        Booter booter = new Booter(subprocess, new Cage(qemu, users), cpu);
        AcceleratorProof accelerators =
                new AcceleratorProof(home, jobs, users, booter, qemu, cpu, AcceleratorProof.limit(environment));
        ImageBuilder images = new ImageBuilder(store, jobs, users, subprocess, new ImageSources(sources));
        TemplateWarmer warmer = new TemplateWarmer(store, jobs, users, subprocess, booter, certificates);
        Templates templates =
                new Templates(recipes, store, images, accelerators, new TemplateKeys(qemu, cpu, certificates), warmer);
        Restorer restorer = new Restorer(jobs, users, qemu, subprocess);
        RestoredGuests guests = new RestoredGuests(restorer);
        StandbyGuests standby = new StandbyGuests(guests, restorer);
        JobExecution execution =
                new JobExecution(new HostAdmission(home.root().resolve("jobs")), standby, new ArtifactCollector());
        Path floor = sources.resolveSibling("runner").resolve("bench").resolve("floor.py");
        return new Engine(
                jobs,
                recipes,
                store,
                templates,
                standby,
                execution,
                new Replays(new ReplayRecords(home.root().resolve("records"))),
                new Doctor(home, subprocess, qemu, recipes, store, images, accelerators, jobs),
                new StartBench(execution, standby, subprocess, floor),
                new DensityBench(guests),
                new DockerBench(guests),
                new IoBench(jobs, execution, guests, subprocess, floor.resolveSibling("io.py")),
                new AgentJobsBench(subprocess, floor));
    }

    private static HostUsers users() throws RunnerException {
        try {
            return new HostUsers();
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot read /proc/self: " + e.getMessage(), e);
        }
    }
}
