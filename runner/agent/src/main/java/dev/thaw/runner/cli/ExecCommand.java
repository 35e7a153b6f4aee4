package dev.thaw.runner.cli;

import dev.thaw.runner.artifact.OutputDirectory;
import dev.thaw.runner.execution.JobRequest;
import dev.thaw.runner.execution.JobStreams;
import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.GitAddress;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobOutcome;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.WorkspaceOrigin;
import dev.thaw.runner.records.ReplayRecord;
import dev.thaw.runner.template.Template;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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

    @Option(names = "--no-agent", description = "run in this process even if an agent runs on this host")
    @SuppressWarnings("UnusedVariable") // Every job runs in this process as long as there is no agent.
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

    private final Engine.Source engines;
    private final Console console;

    ExecCommand(Engine.Source engines, Map<String, String> environment, Console console) {
        this.engines = engines;
        this.asked = new JobOptions(environment);
        this.console = console;
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        ResultWriter results = new ResultWriter(json ? System.err : null, Optional.ofNullable(timings));
        JobId id = JobId.random();
        try {
            results.check();
            JobResult result = run(id);
            result.remarks().forEach(remark -> console.say("workspace: " + remark));
            sayOf(result.artifacts());
            results.write(result);
            summarise(result);
            return result.exitCode();
        } catch (RunnerException e) {
            results.write(id, e);
            throw e;
        }
    }

    private JobResult run(JobId id) throws RunnerException, InterruptedException {
        if (from != null) {
            return again(id, from);
        }
        checkAccelerator();
        if (git != null) {
            return revision(id, address(git));
        }
        JobTree tree = new JobTree.Existing(workspace(Path.of("")));
        JobSpec spec = spec(tree);
        Optional<Path> output = output(spec, tree);
        try (Cancellation cancellation = Cancellation.ofThisThread()) {
            Engine engine = engine();
            return run(engine, id, spec, template(engine, spec, accelerator), tree, output);
        }
    }

    private JobResult revision(JobId id, GitAddress address) throws RunnerException, InterruptedException {
        try (Cancellation cancellation = Cancellation.ofThisThread()) {
            Engine engine = engine();
            try (JobTree tree = JobTree.Fetched.of(address, address, engine.jobs(), id, console)) {
                JobSpec spec = spec(tree);
                Optional<Path> output = output(spec, tree);
                return run(engine, id, spec, template(engine, spec, accelerator), tree, output);
            }
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

    private JobResult again(JobId id, String word) throws RunnerException, InterruptedException {
        checkNothingBesidesFrom();
        try (Cancellation cancellation = Cancellation.ofThisThread()) {
            Engine engine = engine();
            ReplayRecord record = engine.replays().find(word);
            try (JobTree tree = tree(engine, id, record)) {
                Optional<Path> output = output(record.spec(), tree);
                Template template =
                        template(engine, record.spec(), record.machine().accelerator());
                Replays.checkSame(record, template, tree);
                return run(engine, id, record.spec(), template, tree, output);
            }
        }
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
                    "--from runs a job as it was; besides it only -C, -i, --out, --timings and --json make sense");
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

    private JobResult run(Engine engine, JobId id, JobSpec spec, Template warm, JobTree tree, Optional<Path> output)
            throws RunnerException {
        ReplayRecord record = engine.replays().begin(id, spec, tree.origin(), warm);
        var streams = new JobStreams(
                interactive ? System.in : null,
                OutputSink.to(new FileOutputStream(FileDescriptor.out)),
                OutputSink.to(new FileOutputStream(FileDescriptor.err)));
        try {
            JobResult result = engine.execution()
                    .run(new JobRequest(id, spec, warm, Optional.of(tree.directory()), streams, output));
            engine.replays().end(record, result);
            return result;
        } catch (RunnerException e) {
            engine.replays().endWithFault(record);
            throw e;
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

    private void sayOf(ArtifactReport report) {
        report.notes().forEach(note -> console.say("artifacts: " + note));
        if (report instanceof ArtifactReport.Refused refused) {
            console.say(refused.fault().label() + ": " + refused.reason());
        } else if (report instanceof ArtifactReport.Collected collected && collected.count() > 0) {
            if (console.terminal() && !json) {
                Path shown = directory == null ? Path.of("") : directory;
                console.say("artifacts: " + collected.count() + " in "
                        + (out == null ? shown.resolve(JobSpec.OUTPUT_DIRECTORY) : out));
            }
        }
    }

    /** For a person at a terminal; a pipe gets what the build says and nothing else. */
    private void summarise(JobResult result) {
        if (result.outcome() instanceof JobOutcome.TimedOut timedOut) {
            console.say("out of time after " + timedOut.limit().toSeconds() + " s; the guest was destroyed");
        } else if (result.outcome() instanceof JobOutcome.Cancelled) {
            console.say("cancelled; the guest was destroyed");
        } else if (console.terminal() && !json) {
            console.say(String.format(
                    "%s in %.1f s; its machine was ready after %.2f s (%s) and is gone; again: runner exec --from %s",
                    result.exitCode() == ExitCode.OK.code() ? "green" : "red",
                    result.timings().at(Phase.DISCARDED).orElse(0) / 1000,
                    result.timings().at(Phase.IDENTITY).orElse(0) / 1000,
                    result.accelerator(),
                    result.id()));
        }
    }
}
