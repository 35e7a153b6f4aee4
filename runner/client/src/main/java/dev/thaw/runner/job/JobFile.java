package dev.thaw.runner.job;

import dev.thaw.runner.fault.RunnerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code thaw.yaml}, the job as it stands in a repository. */
public final class JobFile {
    private static final List<String> NOT_YET = List.of("secrets");

    private JobFile() {}

    /** Reads the file; a fault that names every mistake in it with its line when there is any. */
    public static JobSpec parse(Path file) throws RunnerException {
        return spec(YamlReader.open(file));
    }

    /** Reads a text that messages call by this name. */
    public static JobSpec parse(String text, String name) throws RunnerException {
        return spec(YamlReader.open(text, name));
    }

    /**
     * The job as a file that {@link #parse} reads back as an equal spec: one line of JSON, which is YAML too.
     */
    public static String format(JobSpec spec) {
        return JobFileText.of(spec);
    }

    private static JobSpec spec(YamlReader reader) throws RunnerException {
        YamlMapping root = reader.root();
        var spec = new JobSpec(
                root.value("template", JobSpec::checkTemplate).orElse(JobSpec.DEFAULT.template()),
                root.mapping("resources").map(JobFile::resources).orElse(Resources.UNSPECIFIED),
                root.value("timeout", JobFile::timeout).orElse(JobSpec.DEFAULT.timeout()),
                root.mapping("env").map(JobFile::env).orElse(Map.of()),
                root.value("user", JobSpec::checkUser).orElse(JobSpec.DEFAULT.askedUser()),
                container(root),
                steps(root),
                artifacts(root));
        root.mapping("network").ifPresent(JobFile::checkNetwork);
        NOT_YET.forEach(root::unsupported);
        reader.finish();
        return spec;
    }

    private static List<ArtifactGlob> artifacts(YamlMapping root) {
        List<ArtifactGlob> globs = root.values("artifacts", ArtifactGlob::parse);
        if (globs.size() <= JobSpec.MOST_ARTIFACT_GLOBS) {
            return globs;
        }
        root.mistake(
                "artifacts", "'artifacts' can have " + JobSpec.MOST_ARTIFACT_GLOBS + " globs, got " + globs.size());
        return List.of();
    }

    private static Duration timeout(String text) {
        return JobSpec.checkTimeout(DurationText.parse(text));
    }

    private static Resources resources(YamlMapping mapping) {
        var cpus = mapping.integer("cpus", Resources.MIN_CPUS, Resources.MAX_CPUS);
        @Nullable
        ByteSize memory = mapping.value("memory", text -> Resources.checkMemory(ByteSize.parse(text)))
                .orElse(null);
        @Nullable
        ByteSize disk = mapping.value("disk", text -> Resources.checkDisk(ByteSize.parse(text)))
                .orElse(null);
        return new Resources(cpus.isPresent() ? (Integer) cpus.getAsInt() : null, memory, disk);
    }

    private static Map<String, String> env(YamlMapping mapping) {
        var env = new LinkedHashMap<String, String>();
        mapping.scalars().forEach((name, value) -> {
            try {
                JobSpec.checkEnv(name, value);
                env.put(name, value);
            } catch (IllegalArgumentException e) {
                mapping.mistake(name, String.valueOf(e.getMessage()));
            }
        });
        return env;
    }

    private static @Nullable ContainerSpec container(YamlMapping root) {
        if (!root.holdsMapping("image")) {
            return root.value("image", ImageReference::parse)
                    .map(ContainerSpec::of)
                    .orElse(null);
        }
        return root.mapping("image")
                .flatMap(image -> container(image, root.has("user")))
                .orElse(null);
    }

    private static Optional<ContainerSpec> container(YamlMapping image, boolean userOfJob) {
        Optional<ImageReference> name = image.required("name", ImageReference::parse);
        var pull = image.value("pull", PullPolicy::parse).orElse(PullPolicy.MISSING);
        var entrypoint = image.value("entrypoint", ImageEntrypoint::parse).orElse(ImageEntrypoint.NONE);
        @Nullable String user = image.value("user", ContainerSpec::checkUser).orElse(null);
        if (userOfJob && image.has("user")) {
            image.mistake("user", "'user' stands in the job and in its 'image'; leave one out");
        }
        return name.map(reference -> new ContainerSpec(reference, pull, entrypoint, user));
    }

    private static void checkNetwork(YamlMapping network) {
        if (!network.strings("allow").isEmpty()) {
            network.mistake("allow", "a 'network.allow' that is not empty is not supported yet by this version");
        }
    }

    private static List<Step> steps(YamlMapping root) {
        var steps = new ArrayList<Step>();
        int number = 0;
        for (YamlMapping mapping : root.mappings("steps")) {
            number++;
            step(mapping, "step " + number).ifPresent(steps::add);
        }
        if (root.isEmptyList("steps")) {
            root.mistake("steps", "'steps' is empty; write at least one, like - {name: test, run: make test}");
        }
        return steps;
    }

    private static Optional<Step> step(YamlMapping mapping, String defaultName) {
        String name = mapping.value("name", Step::checkName).orElse(defaultName);
        if (!mapping.has("command")) {
            return mapping.required("run", run -> Step.script(name, run));
        }
        if (mapping.has("run")) {
            mapping.mistake("command", "a step has either 'run' or 'command'");
            return Optional.empty();
        }
        List<String> argv = mapping.strings("command");
        try {
            return Optional.of(new Step(name, argv));
        } catch (IllegalArgumentException e) {
            mapping.mistake("command", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
