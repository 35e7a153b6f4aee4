package dev.thaw.runner.warming;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.Resources;
import dev.thaw.runner.os.FileLease;
import dev.thaw.runner.template.Image;
import dev.thaw.runner.template.Recipe;
import dev.thaw.runner.template.RecipeBook;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.template.TemplateKey;
import dev.thaw.runner.template.TemplateStore;
import dev.thaw.runner.vm.AcceleratorChoice;
import dev.thaw.runner.vm.AcceleratorProof;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The templates of this host by name: found if they are current, built if they are not. */
public final class Templates {
    private static final Duration LIMIT = Duration.ofMinutes(60);

    private final RecipeBook recipes;
    private final TemplateStore store;
    private final ImageBuilder images;
    private final AcceleratorProof accelerators;
    private final TemplateKeys keys;
    private final TemplateWarmer warmer;

    public Templates(
            RecipeBook recipes,
            TemplateStore store,
            ImageBuilder images,
            AcceleratorProof accelerators,
            TemplateKeys keys,
            TemplateWarmer warmer) {
        this.recipes = recipes;
        this.store = store;
        this.images = images;
        this.accelerators = accelerators;
        this.keys = keys;
        this.warmer = warmer;
    }

    /** A template and why it runs on the accelerator it runs on. */
    public record Ready(Template template, AcceleratorChoice choice) {}

    /**
     * The current template of a name, built first if there is none. Of two processes that need the same one, one
     * builds it.
     *
     * @param wanted a size the recipe lists, or nothing for its first
     * @param accelerator {@code auto}, {@code kvm} or {@code tcg}
     * @throws RunnerException {@code USAGE} for a size the recipe does not list, {@code TEMPLATE_DAMAGED} if it was
     *     altered, and whatever building it can end with
     */
    public Ready ready(String name, Resources wanted, String accelerator, Progress progress)
            throws RunnerException, InterruptedException {
        Recipe recipe = recipes.find(name);
        return ready(recipe, size(recipe, wanted), accelerator, progress);
    }

    /**
     * The size that a job would get; nothing is built for it.
     *
     * @throws RunnerException {@code USAGE} for a size that there is not, {@code NO_TEMPLATE} for such a name
     */
    public Size size(String name, Resources wanted) throws RunnerException {
        return size(recipes.find(name), wanted);
    }

    /**
     * The current template of a name and size, if it is there already; nothing is built.
     *
     * @throws RunnerException {@code NO_TEMPLATE} for such a name, {@code TEMPLATE_DAMAGED} if it was altered
     */
    public Optional<Template> published(String name, Size size, String accelerator)
            throws RunnerException, InterruptedException {
        Recipe recipe = recipes.find(name);
        Optional<Image> image = images.find(recipe);
        if (image.isEmpty()) {
            return Optional.empty();
        }
        AcceleratorChoice choice = accelerators.choose(accelerator, image.get());
        return store.find(
                keys.key(recipe, image.get(), size, choice.accelerator()).digest());
    }

    /** As {@link #ready(String, Resources, String, Progress)}, for a size the recipe need not list. */
    public Ready ready(Recipe recipe, Size size, String accelerator, Progress progress)
            throws RunnerException, InterruptedException {
        Optional<Image> built = images.find(recipe);
        Image image = built.isPresent() ? built.get() : images.build(recipe, progress);
        AcceleratorChoice choice = accelerators.choose(accelerator, image);
        TemplateKey key = keys.key(recipe, image, size, choice.accelerator());
        Optional<Template> found = store.find(key.digest());
        if (found.isPresent()) {
            return new Ready(found.get(), choice);
        }
        try (FileLease lease = FileLease.take(
                store.staging().resolve("." + key.digest() + ".lock"),
                LIMIT,
                () -> progress.note("waiting for another runner that builds template " + recipe.name()))) {
            Optional<Template> meanwhile = store.find(key.digest());
            return new Ready(
                    meanwhile.isPresent()
                            ? meanwhile.get()
                            : warmer.warm(recipe, image, size, choice.accelerator(), key, progress),
                    choice);
        }
    }

    /** Removes the current template of a recipe and size, if there is one, damaged or not. */
    public void forget(Recipe recipe, Size size, String accelerator) throws RunnerException, InterruptedException {
        Optional<Image> image = images.find(recipe);
        if (image.isEmpty()) {
            return;
        }
        AcceleratorChoice choice = accelerators.choose(accelerator, image.get());
        String key = keys.key(recipe, image.get(), size, choice.accelerator()).digest();
        if (store.isPublished(key)) {
            store.remove(key);
        }
    }

    /** The size that fits a wish: the recipe's first that does, else one that somebody has had built besides. */
    private Size size(Recipe recipe, Resources wanted) throws RunnerException {
        Optional<Size> own = first(recipe.sizes(), wanted);
        if (own.isPresent()) {
            return own.get();
        }
        List<Size> built =
                store.matching(recipe.name()).stream().map(Template::size).toList();
        return first(built, wanted)
                .orElseThrow(() -> new RunnerException(
                        Fault.USAGE,
                        "template " + recipe.name() + " has no size of " + word(wanted.cpus()) + " CPUs and "
                                + word(wanted.memory()) + " memory; it has: "
                                + Stream.concat(recipe.sizes().stream(), built.stream())
                                        .distinct()
                                        .map(Size::toString)
                                        .collect(Collectors.joining("; "))
                                + "; add one with: runner template build --size CPUSxMEMORY " + recipe.name()));
    }

    private static String word(@Nullable Object wish) {
        return wish == null ? "any" : wish.toString();
    }

    private static Optional<Size> first(List<Size> sizes, Resources wanted) {
        ByteSize memory = wanted.memory();
        Integer cpus = wanted.cpus();
        return sizes.stream()
                .filter(size -> cpus == null || size.cpus() == cpus)
                .filter(size -> memory == null || size.memory().equals(memory))
                .findFirst();
    }
}
