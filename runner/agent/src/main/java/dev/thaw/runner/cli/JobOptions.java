package dev.thaw.runner.cli;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ArtifactGlob;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.ContainerSpec;
import dev.thaw.runner.job.DurationText;
import dev.thaw.runner.job.ImageReference;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.PullPolicy;
import dev.thaw.runner.job.Resources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The words that say what a job is: the job file, and what the line changes in it. */
final class JobOptions {
    private static final String FILE = "thaw.yaml";

    @Option(names = "-f", paramLabel = "FILE", description = "the job file (default: DIR/thaw.yaml if it is there)")
    private @Nullable Path file;

    @Option(names = "--template", paramLabel = "T", description = "the warm microVM to start from (default: docker)")
    private @Nullable String template;

    @Option(names = "--image", paramLabel = "IMG", description = "run the steps in a container of this image")
    private @Nullable String image;

    @Option(
            names = "--pull",
            paramLabel = "always|missing|never",
            description = "when the image is fetched (default: missing)")
    private @Nullable String pull;

    @Option(names = "--cpus", paramLabel = "N", description = "one of the template's sizes")
    private @Nullable Integer cpus;

    @Option(names = "--memory", paramLabel = "SIZE", description = "one of the template's sizes, such as 2GiB")
    private @Nullable String memory;

    @Option(names = "--disk", paramLabel = "SIZE", description = "the template's disk or a larger one")
    private @Nullable String disk;

    @Option(names = "-e", paramLabel = "K[=V]", description = "environment for the steps; without V, this shell's")
    private List<String> environmentWords = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "environment for the steps, K=V on each line")
    private @Nullable Path environmentFile;

    @Option(names = "--timeout", paramLabel = "T", description = "limit for the whole job, such as 90s or 20m")
    private @Nullable String timeout;

    @Option(
            names = "--artifact",
            paramLabel = "GLOB",
            description = "files to bring back, beside those of the job file")
    private List<String> artifacts = new ArrayList<>();

    @Option(
            names = "--user",
            paramLabel = "build|root",
            description = "whom steps run as (default: build; in a container: the image's user)")
    private @Nullable String user;

    @Parameters(paramLabel = "COMMAND", description = "what to run in place of the file's steps; after --")
    private List<String> command = new ArrayList<>();

    private final Map<String, String> environment;

    JobOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Whether there is any such word. */
    boolean anything() {
        return file != null
                || template != null
                || image != null
                || pull != null
                || cpus != null
                || memory != null
                || disk != null
                || !environmentWords.isEmpty()
                || environmentFile != null
                || timeout != null
                || !artifacts.isEmpty()
                || user != null
                || !command.isEmpty();
    }

    /** The job: of the file named on the line, else of the workspace's own if it is there, with the line's changes. */
    JobSpec spec(Path workspace) throws RunnerException {
        Path read = file == null ? workspace.resolve(FILE) : file;
        JobSpec spec = JobFiles.read(read, file != null);
        try {
            spec = overridden(spec);
        } catch (IllegalArgumentException e) {
            throw new RunnerException(Fault.USAGE, String.valueOf(e.getMessage()), e);
        }
        if (spec.steps().isEmpty()) {
            throw new RunnerException(
                    Fault.USAGE,
                    "nothing to run: there are no steps in " + read + ", and no command was given after --");
        }
        return spec;
    }

    private JobSpec overridden(JobSpec file) throws RunnerException {
        JobSpec spec = file.withEnv(new EnvironmentWords(environment).read(environmentFile, environmentWords))
                .withResources(new Resources(
                        cpus,
                        memory == null ? null : ByteSize.parse(memory),
                        disk == null ? null : ByteSize.parse(disk)));
        if (template != null) {
            spec = spec.withTemplate(template);
        }
        if (timeout != null) {
            spec = spec.withTimeout(DurationText.parse(timeout));
        }
        spec = inContainer(spec);
        if (user != null) {
            spec = spec.withUser(user);
        }
        spec = spec.withMoreArtifacts(
                artifacts.stream().map(ArtifactGlob::parse).toList());
        return command.isEmpty() ? spec : spec.withSteps(List.of(JobFiles.commandStep(command)));
    }

    private JobSpec inContainer(JobSpec spec) throws RunnerException {
        ContainerSpec container = image == null ? spec.container() : ContainerSpec.of(ImageReference.parse(image));
        if (container == null) {
            if (pull != null) {
                throw new RunnerException(Fault.USAGE, "--pull is for an image; name one with --image IMG");
            }
            return spec;
        }
        return spec.withContainer(pull == null ? container : container.withPull(PullPolicy.parse(pull)));
    }
}
