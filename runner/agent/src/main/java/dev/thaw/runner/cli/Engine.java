package dev.thaw.runner.cli;

import dev.thaw.runner.bench.AgentJobsBench;
import dev.thaw.runner.bench.DensityBench;
import dev.thaw.runner.bench.DockerBench;
import dev.thaw.runner.bench.IoBench;
import dev.thaw.runner.bench.StartBench;
import dev.thaw.runner.doctor.Doctor;
import dev.thaw.runner.execution.JobExecution;
import dev.thaw.runner.execution.StandbyGuests;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.template.RecipeBook;
import dev.thaw.runner.template.TemplateStore;
import dev.thaw.runner.warming.Templates;

/** Everything a command can ask for. Made only by commands that need it: it looks at the host. */
public record Engine(
        JobDirectories jobs,
        RecipeBook recipes,
        TemplateStore store,
        Templates templates,
        StandbyGuests standby,
        JobExecution execution,
        Replays replays,
        Doctor doctor,
        StartBench startBench,
        DensityBench densityBench,
        DockerBench dockerBench,
        IoBench ioBench,
        AgentJobsBench agentJobsBench) {
    /** Makes an engine. */
    public interface Source {
        /** Looks at the host and puts the engine together. */
        Engine get() throws RunnerException, InterruptedException;
    }
}
