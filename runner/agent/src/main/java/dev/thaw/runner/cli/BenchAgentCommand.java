package dev.thaw.runner.cli;

import dev.thaw.runner.bench.AgentJobsBench;
import dev.thaw.runner.bench.AgentLogBench;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.Resources;
import dev.thaw.runner.template.Template;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code runner bench agent}: what an agent makes of many jobs, and of many who follow one. */
@Command(name = "agent", description = "Many jobs through an agent, beside the floor; followers of one job.")
final class BenchAgentCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--jobs", defaultValue = "200", description = "submitted at once")
    private int jobs;

    @Option(names = "--log", defaultValue = "1GiB", paramLabel = "SIZE", description = "what one job prints")
    private String size = "";

    @Option(names = "--followers", defaultValue = "10", description = "of that job")
    private int followers;

    @Option(names = "--rounds", defaultValue = "3", description = "such jobs with and without followers")
    private int rounds;

    @Option(names = "--template", defaultValue = "docker")
    private String name = "";

    @Option(names = "--accel", defaultValue = "auto")
    private String accelerator = "";

    @Option(names = "--json")
    private boolean json;

    private final Engine.Source engines;
    private final Console console;

    BenchAgentCommand(Engine.Source engines, Console console) {
        this.engines = engines;
        this.console = console;
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        long bytes = bytes();
        Engine engine = engines.get();
        engine.jobs().reap();
        Template template = engine.templates()
                .ready(name, Resources.UNSPECIFIED, accelerator, console)
                .template();
        AgentJobsBench.Report many = many(engine, template);
        AgentLogBench.Report log = log(engine, template, bytes);
        spec.commandLine().getOut().println(json ? AgentFigures.json(many, log) : AgentFigures.text(many, log));
        return 0;
    }

    private long bytes() {
        if (jobs < 1 || rounds < 1 || followers < 0) {
            throw new ParameterException(
                    spec.commandLine(), "--jobs and --rounds must be 1 or more, --followers 0 or more");
        }
        try {
            return ByteSize.parse(size).bytes();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--log: " + e.getMessage(), e);
        }
    }

    private AgentJobsBench.Report many(Engine engine, Template template) throws RunnerException, InterruptedException {
        try (var agent = new OwnAgent(engine, template, accelerator, 1 << 20)) {
            return engine.agentJobsBench().run(template, agent.client(), jobs, agent.guests());
        }
    }

    /** Each job has an agent of its own, whose files go with it: they are larger than what was printed. */
    private AgentLogBench.Report log(Engine engine, Template template, long bytes)
            throws RunnerException, InterruptedException {
        var bench = new AgentLogBench(template.name(), bytes);
        AgentLogBench.Cost cost;
        try (var agent = new OwnAgent(engine, template, accelerator, bytes)) {
            cost = bench.oneFollower(agent.client());
        }
        var alone = new ArrayList<Double>();
        var followed = new ArrayList<Double>();
        for (int round = 0; round < rounds; round++) {
            try (var agent = new OwnAgent(engine, template, accelerator, bytes)) {
                alone.add(bench.seconds(agent.client(), 0));
            }
            try (var agent = new OwnAgent(engine, template, accelerator, bytes)) {
                followed.add(bench.seconds(agent.client(), followers));
            }
        }
        return new AgentLogBench.Report(
                template.accelerator(), bytes, cost.heap(), cost.resident(), followers, alone, followed);
    }
}
