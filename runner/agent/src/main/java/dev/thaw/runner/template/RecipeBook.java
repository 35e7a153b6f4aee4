package dev.thaw.runner.template;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.YamlMapping;
import dev.thaw.runner.job.YamlReader;
import dev.thaw.runner.template.Recipe.DockerImage;
import dev.thaw.runner.template.Recipe.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The recipes of one directory, each {@code <name>/recipe.yaml}, found by name. */
public final class RecipeBook {
    private static final String FILE = "recipe.yaml";
    private static final String NAME = "[a-z0-9][a-z0-9._-]{0,62}";
    private static final int MOST_BASES = 8;
    private static final Size DEFAULT_SIZE = new Size(2, ByteSize.parse("2GiB"));
    private static final ByteSize DEFAULT_DISK = ByteSize.parse("8GiB");

    private final Path directory;

    public RecipeBook(Path directory) {
        this.directory = directory;
    }

    /** Where the recipes and the sources of what goes into every image lie. */
    public Path directory() {
        return directory;
    }

    /** The names of all recipes, sorted. */
    public List<String> names() {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> Files.exists(entry.resolve(FILE)))
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            // No directory, no recipes: whoever asks for one by name is told.
            return List.of();
        }
    }

    /**
     * The recipe of a name, with those it builds on folded in.
     *
     * @throws RunnerException {@code NO_TEMPLATE} if there is none, {@code USAGE} with all its mistakes if it is wrong
     */
    public Recipe find(String name) throws RunnerException {
        return find(name, 0);
    }

    private Recipe find(String name, int depth) throws RunnerException {
        Path file = directory.resolve(name).resolve(FILE);
        if (!name.matches(NAME) || !Files.exists(file)) {
            throw new RunnerException(
                    Fault.NO_TEMPLATE,
                    "there is no template and no recipe '" + name + "'; recipes in " + directory + ": "
                            + String.join(", ", names()) + "; list templates with: runner template list");
        }
        if (depth > MOST_BASES) {
            throw new RunnerException(
                    Fault.USAGE, file + ": 'from' leads through more than " + MOST_BASES + " recipes");
        }
        YamlReader reader = YamlReader.open(file);
        YamlMapping root = reader.root();
        String from = root.required("from", RecipeBook::checkFrom).orElse("debian:trixie");
        Optional<Recipe> base = from.startsWith("debian:") ? Optional.empty() : Optional.of(find(from, depth + 1));
        Recipe recipe = read(name, root, from, base);
        reader.finish();
        return withText(recipe, base, file);
    }

    private Recipe read(String name, YamlMapping root, String from, Optional<Recipe> base) {
        var sizes = root.mappings("sizes").stream()
                .flatMap(size -> size(size).stream())
                .toList();
        return new Recipe(
                name,
                joined(base.map(Recipe::directories), List.of(directory.resolve(name))),
                base.map(Recipe::suite).orElse(from.substring(from.indexOf(':') + 1)),
                joined(base.map(Recipe::packages), packages(root, "packages")),
                joined(
                        base.map(Recipe::images),
                        root.mappings("images").stream()
                                .flatMap(image -> image(image).stream())
                                .toList()),
                sizes.isEmpty() ? base.map(Recipe::sizes).orElse(List.of(DEFAULT_SIZE)) : sizes,
                root.value("disk", ByteSize::parse)
                        .orElse(base.map(Recipe::disk).orElse(DEFAULT_DISK)),
                joined(
                        base.map(Recipe::start),
                        root.mappings("start").stream()
                                .flatMap(service -> service(service).stream())
                                .toList()),
                joined(base.map(Recipe::warmup), root.strings("warmup")),
                "");
    }

    private static Recipe withText(Recipe recipe, Optional<Recipe> base, Path file) throws RunnerException {
        try {
            String text = base.map(Recipe::text).orElse("") + Files.readString(file);
            return new Recipe(
                    recipe.name(),
                    recipe.directories(),
                    recipe.suite(),
                    recipe.packages(),
                    recipe.images(),
                    recipe.sizes(),
                    recipe.disk(),
                    recipe.start(),
                    recipe.warmup(),
                    text);
        } catch (IOException e) {
            throw new RunnerException(Fault.USAGE, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static <T> List<T> joined(Optional<List<T>> first, List<T> second) {
        var all = new ArrayList<T>(first.orElse(List.of()));
        all.addAll(second);
        return all;
    }

    private static String checkFrom(String from) {
        if (!from.matches("debian:[a-z]+") && !from.matches(NAME)) {
            throw new IllegalArgumentException("must be debian:SUITE or the name of a recipe, got: " + from);
        }
        return from;
    }

    private static List<String> packages(YamlMapping mapping, String key) {
        List<String> names = mapping.strings(key);
        for (String name : names) {
            if (!name.matches("[a-z0-9][a-z0-9+.-]+")) {
                mapping.mistake(key, "not the name of a Debian package: " + name);
            }
        }
        return names;
    }

    private static Optional<Size> size(YamlMapping mapping) {
        var cpus = mapping.integer("cpus", 1, 64);
        var memory = mapping.required("memory", ByteSize::parse);
        if (cpus.isEmpty() || memory.isEmpty()) {
            mapping.mistake("cpus", "a size needs 'cpus' and 'memory'");
            return Optional.empty();
        }
        try {
            return Optional.of(new Size(cpus.getAsInt(), memory.get()));
        } catch (IllegalArgumentException e) {
            mapping.mistake("memory", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<DockerImage> image(YamlMapping mapping) {
        var reference = mapping.required("name", RecipeBook::checkReference);
        String variant = mapping.value("variant", RecipeBook::checkVariant).orElse("minbase");
        List<String> packages = packages(mapping, "packages");
        List<String> command = mapping.strings("command");
        String finish = mapping.string("finish").orElse("");
        return reference.map(
                name -> new DockerImage(name, variant, packages, command.isEmpty() ? List.of("sh") : command, finish));
    }

    private static String checkReference(String reference) {
        if (!reference.matches("[a-z0-9][a-z0-9._/-]*:[A-Za-z0-9_][A-Za-z0-9._-]*")) {
            throw new IllegalArgumentException("an image's name must be NAME:TAG, got: " + reference);
        }
        return reference;
    }

    private static String checkVariant(String variant) {
        if (!List.of("extract", "essential", "minbase").contains(variant)) {
            throw new IllegalArgumentException("must be extract, essential or minbase, got: " + variant);
        }
        return variant;
    }

    private static Optional<Service> service(YamlMapping mapping) {
        var run = mapping.required("run", text -> text);
        var ready = mapping.required("ready", text -> text);
        return run.isPresent() && ready.isPresent()
                ? Optional.of(new Service(run.get(), ready.get()))
                : Optional.empty();
    }
}
