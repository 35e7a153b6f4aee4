package dev.thaw.runner.cli;

import dev.thaw.runner.artifact.OutputDirectory;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.execution.JobRequest;
import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.job.WorkspaceOrigin;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.records.ReplayRecord;
import dev.thaw.runner.shell.ShellSockets;
import dev.thaw.runner.template.Template;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code runner exec}: one build in a microVM of its own. */
@Command(
        name = "exec",
        description = "Runs a build in a fresh microVM: the steps of thaw.yaml, or COMMAND in their place.",
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every step ended with 0",
            "N:the first step that failed ended with N (128 + signal if one killed it)",
            "124:out of time",
            "125:the runner failed, or was used wrongly",
            "126:the command cannot be invoked",
            "127:the command does not exist",
            "130:cancelled"
        })
final class ExecCommand implements Callable<Integer> {
    private static final Pattern AGENT_JOB = Pattern.compile("(https?://[^/]+)/v1/jobs/([a-z0-9][a-z0-9-]{0,39})");

    @Option(names = "-C", paramLabel = "DIR", description = "the working directory that is copied in (default: .)")
    private @Nullable Path directory;

    @Option(
            names = "--git",
            paramLabel = "URL[#REV]",
            description = "copy in a revision of a repository instead of a directory (https, http or file)")
    private @Nullable String git;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "where artifacts go (default: thaw-artifacts in -C's DIR)")
    private @Nullable Path out;

    @Option(names = "--timings", paramLabel = "FILE", description = "write where the time went, as JSON")
    private @Nullable Path timings;

    @Option(names = "--json", description = "end with one line of JSON about the result on standard error")
    private boolean json;

    @Option(names = "-i", description = "connect standard input to the only step")
    private boolean interactive;

    @Option(names = "-t", description = "give steps a terminal; with -i, this one")
    private boolean terminal;

    @Option(
            names = "--keep-on-failure",
            description = "keep the guest of a failed job for runner shell, until Ctrl-C or for an hour")
    private boolean keep;

    @Option(names = "--no-agent", description = "run in this process even if an agent runs on this host")
    private boolean noAgent;

    @Option(names = "--accel", paramLabel = "auto|kvm|tcg", description = "what runs the guest (default: auto)")
    private String accelerator = "auto";

    @Option(
            names = "--from",
            paramLabel = "JOB_ID|URL|FILE",
            description = "run a job again as its record has it, or say what differs")
    private @Nullable String from;

    @Mixin
    private final JobOptions asked;

    @Mixin
    private final Agents agents;

    private final Engine.Source engines;
    private final Map<String, String> environment;
    private final Console console;

    ExecCommand(Engine.Source engines, Map<String, String> environment, Console console) {
        this.engines = engines;
        this.environment = environment;
        this.asked = new JobOptions(environment);
        this.agents = new Agents(environment);
        this.console = console;
    }

    @Override
    public Integer call() throws RunnerException {
        ResultWriter results = new ResultWriter(json ? System.err : null, Optional.ofNullable(timings));
        JobId id = JobId.random();
        // Around all of it: what a cancelled job has to say is said before the process ends.
        try (Cancellation cancellation = Cancellation.ofThisThread();
                OwnStreams own = OwnStreams.open(interactive, terminal, environment)) {
            results.check();
            JobResult result = run(new Asked(id, own, cancellation));
            new ExecReport(console, json).say(result, outShown());
            results.write(result);
            return result.exitCode();
        } catch (RunnerException e) {
            results.write(id, e);
            throw e;
        } catch (InterruptedException e) {
            console.say("cancelled");
            return ExitCode.CANCELLED.code();
        }
    }

    /** The job that this process runs, and what of this process it has. */
    private record Asked(JobId id, OwnStreams own, Cancellation cancellation) {}

    private JobResult run(Asked job) throws RunnerException, InterruptedException {
        if (from != null) {
            return again(job, from);
        }
        checkAccelerator();
        if (git != null) {
            return revision(job, address(git));
        }
        JobTree tree = new JobTree.Existing(workspace(Path.of("")));
        JobSpec spec = spec(tree);
        Optional<Path> output = output(spec, tree);
        Optional<AgentClient> agent = agent();
        if (agent.isPresent()) {
            return remote(agent.get(), job, spec, tree, output);
        }
        Engine engine = engine();
        return run(engine, job, spec, template(engine, spec, accelerator), tree, output);
    }

    /** Through whom the job goes; empty if it runs in this process. */
    private Optional<AgentClient> agent() throws RunnerException, InterruptedException {
        if (noAgent) {
            return Optional.empty();
        }
        Optional<AgentClient> named = agents.named();
        boolean own = !accelerator.equals("auto");
        if (named.isPresent() && own) {
            throw new RunnerException(
                    Fault.USAGE, "--accel is the agent's to choose; leave it out, or run here with --no-agent");
        }
        return named.isPresent() || own ? named : agents.local();
    }

    private JobResult remote(AgentClient agent, Asked job, JobSpec spec, JobTree tree, Optional<Path> output)
            throws RunnerException, InterruptedException {
        return new RemoteJob(agent, console, spec, output, hold())
                .run(tree.directory(), job.own().streams(), watcher(job));
    }

    private Optional<Interaction.Hold> hold() {
        return keep ? Optional.of(new Interaction.Hold(Interaction.When.FAILED, ShellKeeper.LIMIT)) : Optional.empty();
    }

    private RemoteJob.Watcher watcher(Asked job) {
        return new RemoteJob.Watcher() {
            @Override
            public void reached(Phase phase) {
                ExecCommand.this.reached(phase, job.own());
            }

            @Override
            public void kept(int exitCode) {
                // Ctrl-C from now on ends the keeping; the build has its verdict.
                job.cancellation().concluded(exitCode);
            }
        };
    }

    private JobResult revision(Asked job, GitAddress address) throws RunnerException, InterruptedException {
        Engine engine = engine();
        try (JobTree tree = JobTree.Fetched.of(address, address, engine.jobs(), job.id(), console)) {
            JobSpec spec = spec(tree);
            Optional<Path> output = output(spec, tree);
            Optional<AgentClient> agent = agent();
            if (agent.isPresent()) {
                return remote(agent.get(), job, spec, tree, output);
            }
            return run(engine, job, spec, template(engine, spec, accelerator), tree, output);
        }
    }

    private GitAddress address(String text) throws RunnerException {
        if (directory != null) {
            throw new RunnerException(Fault.USAGE, "--git and -C both say what is copied in; give one");
        }
        try {
            return GitAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new RunnerException(Fault.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private JobResult again(Asked job, String word) throws RunnerException, InterruptedException {
        checkNothingBesidesFrom();
        Engine engine = engine();
        ReplayRecord record = record(engine, word);
        try (JobTree tree = tree(engine, job.id(), record)) {
            Optional<Path> output = output(record.spec(), tree);
            Template template = template(engine, record.spec(), record.machine().accelerator());
            Replays.checkSame(record, template, tree);
            return run(engine, job, record.spec(), template, tree, output);
        }
    }

    /** Of this host's runs, a file, an address; or of an agent's job. */
    private ReplayRecord record(Engine engine, String word) throws RunnerException, InterruptedException {
        Matcher job = AGENT_JOB.matcher(word);
        if (job.matches()) {
            return new AgentReplays(agents.at(job.group(1))).find(new JobId(job.group(2)));
        }
        if (engine.replays().has(word)) {
            return engine.replays().find(word);
        }
        Optional<AgentClient> agent = agents.named();
        if (agent.isEmpty() && !noAgent) {
            agent = agents.local();
        }
        return agent.isPresent()
                ? new AgentReplays(agent.get()).find(Replays.id(word))
                : engine.replays().find(word);
    }

    private JobTree tree(Engine engine, JobId id, ReplayRecord record) throws RunnerException, InterruptedException {
        if (record.workspace() instanceof WorkspaceOrigin.Directory then) {
            return new JobTree.Existing(workspace(then.path()));
        }
        if (record.workspace() instanceof WorkspaceOrigin.GitCommit then) {
            if (directory != null) {
                throw new RunnerException(Fault.USAGE, "job " + record.id() + " was of a git revision; leave out -C");
            }
            return Replays.fetched(record, then, engine.jobs(), id, console);
        }
        throw new AssertionError(record.workspace());
    }

    /** What runs is in the record; a word that would change it is a contradiction. */
    private void checkNothingBesidesFrom() throws RunnerException {
        if (asked.anything() || git != null || !accelerator.equals("auto")) {
            throw new RunnerException(
                    Fault.USAGE,
                    "--from runs a job as it was; besides it only -C, -i, -t, --keep-on-failure, --out, --timings and --json make sense");
        }
    }

    private Engine engine() throws RunnerException, InterruptedException {
        Engine engine = engines.get();
        engine.jobs().reap();
        return engine;
    }

    private Template template(Engine engine, JobSpec spec, String wanted) throws RunnerException, InterruptedException {
        return engine.templates()
                .ready(spec.template(), spec.resources(), wanted, console)
                .template();
    }

    private JobResult run(Engine engine, Asked job, JobSpec spec, Template warm, JobTree tree, Optional<Path> output)
            throws RunnerException {
        ReplayRecord record = engine.replays().begin(job.id(), spec, tree.origin(), warm);
        var request = new JobRequest(
                job.id(), spec, warm, Optional.of(tree.directory()), job.own().streams(), output);
        if (keep) {
            var sockets = new ShellSockets(RunnerHome.locate(environment));
            request = request.keptBy(new ShellKeeper(job.id(), sockets, console, job.cancellation()));
        }
        try {
            JobResult result =
                    engine.execution().run(request, Stopwatch.start((phase, millis) -> reached(phase, job.own())));
            engine.replays().end(record, result);
            return result;
        } catch (RunnerException e) {
            engine.replays().endWithFault(record);
            throw e;
        }
    }

    /** Only while steps run are keys theirs: before and after, Ctrl-C is this process's. */
    private void reached(Phase phase, OwnStreams own) {
        try {
            if (phase == Phase.WORKSPACE) {
                own.beginTyping();
            } else if (phase == Phase.EXITED) {
                own.endTyping();
            }
        } catch (RunnerException e) {
            console.say(e.fault().label() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<Path> output(JobSpec spec, JobTree tree) throws RunnerException {
        if (spec.artifacts().isEmpty()) {
            if (out != null) {
                throw new RunnerException(
                        Fault.USAGE, "--out " + out + ": the job has no artifacts; name some with --artifact GLOB");
            }
            return Optional.empty();
        }
        Path output = out == null ? tree.output() : out.toAbsolutePath();
        OutputDirectory.check(output);
        return Optional.of(output);
    }

    private Path workspace(Path absent) throws RunnerException {
        Path absolute =
                (directory == null ? absent : directory).toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            throw new RunnerException(Fault.WORKSPACE, absolute + " is not a directory; name one with -C DIR");
        }
        return absolute;
    }

    private void checkAccelerator() throws RunnerException {
        if (!List.of("auto", "kvm", "tcg").contains(accelerator)) {
            throw new RunnerException(Fault.USAGE, "--accel must be auto, kvm or tcg, got: " + accelerator);
        }
    }

    private JobSpec spec(JobTree tree) throws RunnerException {
        JobSpec spec = asked.spec(tree.directory());
        if (interactive && spec.steps().size() > 1) {
            throw new RunnerException(Fault.USAGE, "-i needs a job of one step, or a command after --");
        }
        return spec;
    }

    private Path outShown() {
        Path shown = directory == null ? Path.of("") : directory;
        return out == null ? shown.resolve(JobSpec.OUTPUT_DIRECTORY) : out;
    }
}
