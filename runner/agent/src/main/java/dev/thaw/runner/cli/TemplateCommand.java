package dev.thaw.runner.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.template.Recipe;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.template.TemplateKey;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runner template}: the warm microVMs of this host. */
@Command(
        name = "template",
        description = "Builds, lists, shows and removes templates.",
        synopsisSubcommandLabel = "COMMAND")
final class TemplateCommand {
    private final Engine.Source engines;
    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    TemplateCommand(Engine.Source engines, Console console) {
        this.engines = engines;
        this.console = console;
    }

    @Command(description = "Builds the image of a recipe and warms it, for each of its sizes.")
    int build(
            @Parameters(paramLabel = "NAME", defaultValue = "docker", description = "the recipe (default: docker)")
                    String name,
            @Option(names = "--size", paramLabel = "CPUSxMEMORY", description = "another size, such as 4x4GiB")
                    List<String> sizes,
            @Option(names = "--accel", paramLabel = "auto|kvm|tcg", defaultValue = "auto") String accelerator,
            @Option(names = "--force", description = "build the template anew even if there is one") boolean force)
            throws RunnerException, InterruptedException {
        Engine engine = engines.get();
        engine.jobs().reap();
        Recipe recipe = engine.recipes().find(name);
        for (Size size : sizes == null ? recipe.sizes() : parsed(sizes)) {
            if (force) {
                engine.templates().forget(recipe, size, accelerator);
            }
            Template template =
                    engine.templates().ready(recipe, size, accelerator, console).template();
            out().println(template.name() + " " + TemplateKey.shortened(template.key()) + " " + template.size() + " "
                    + template.accelerator());
        }
        return 0;
    }

    private static List<Size> parsed(List<String> words) throws RunnerException {
        var sizes = new ArrayList<Size>();
        for (String word : words) {
            String[] parts = word.split("x", 2);
            try {
                sizes.add(new Size(Integer.parseInt(parts[0]), ByteSize.parse(parts[parts.length - 1])));
            } catch (IllegalArgumentException e) {
                throw new RunnerException(
                        Fault.USAGE,
                        "--size must be CPUSxMEMORY, such as 4x4GiB, got: " + word + " (" + e.getMessage() + ")",
                        e);
            }
        }
        return sizes;
    }

    @Command(description = "Lists the published templates.")
    int list(@Option(names = "--json", description = "as JSON") boolean json)
            throws RunnerException, InterruptedException {
        List<Template> templates = engines.get().store().list();
        if (json) {
            var array = new JsonMapper().createArrayNode();
            templates.forEach(template -> array.add(described(template)));
            out().println(array.toPrettyString());
            return 0;
        }
        for (Template template : templates) {
            out().printf(
                            "%-16s %-14s %-16s %-5s %s%n",
                            template.name(),
                            TemplateKey.shortened(template.key()),
                            template.size(),
                            template.accelerator(),
                            template.created());
        }
        return 0;
    }

    @Command(description = "Shows what a template was made of.")
    int inspect(@Parameters(paramLabel = "NAME|KEY") String name) throws RunnerException, InterruptedException {
        for (Template template : found(engines.get(), name)) {
            ObjectNode node = described(template);
            ObjectNode inputs = node.putObject("inputs");
            template.inputs().entrySet().stream()
                    .sorted(java.util.Map.Entry.comparingByKey())
                    .forEach(entry -> inputs.put(entry.getKey(), entry.getValue()));
            out().println(node.toPrettyString());
        }
        return 0;
    }

    @Command(description = "Removes templates. Guests that run from them are not touched.")
    int remove(@Parameters(paramLabel = "NAME|KEY") String name) throws RunnerException, InterruptedException {
        Engine engine = engines.get();
        if (name.matches("[0-9a-f]{64}") && engine.store().isPublished(name)) {
            // Not by way of the list: a template whose manifest cannot be read is not on it.
            engine.store().remove(name);
            out().println("removed " + name);
            return 0;
        }
        for (Template template : found(engine, name)) {
            engine.store().remove(template.key());
            out().println("removed " + template.name() + " " + TemplateKey.shortened(template.key()));
        }
        return 0;
    }

    private static List<Template> found(Engine engine, String name) throws RunnerException {
        List<Template> found = engine.store().matching(name);
        if (found.isEmpty()) {
            throw new RunnerException(
                    Fault.NO_TEMPLATE, "no template is called " + name + "; list them with: runner template list");
        }
        return found;
    }

    private static ObjectNode described(Template template) {
        return new JsonMapper()
                .createObjectNode()
                .put("name", template.name())
                .put("key", template.key())
                .put("cpus", template.size().cpus())
                .put("memory", template.size().memory().bytes())
                .put("disk", template.diskBytes())
                .put("accelerator", template.accelerator())
                .put("created", template.created().toString())
                .put("cold_boot_to_docker_ms", template.coldBootMillis())
                .put("directory", template.directory().toString());
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
