package dev.thaw.runner.job;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A job spec to the text of its job file. */
final class JobFileText {
    private static final JsonMapper JSON = new JsonMapper();

    private JobFileText() {}

    static String of(JobSpec spec) {
        ObjectNode root = JSON.createObjectNode();
        root.put("template", spec.template());
        resources(spec.resources(), root);
        root.put("timeout", DurationText.of(spec.timeout()));
        if (!spec.env().isEmpty()) {
            ObjectNode env = root.putObject("env");
            spec.env().forEach(env::put);
        }
        if (spec.askedUser() != null) {
            root.put("user", spec.askedUser());
        }
        ContainerSpec container = spec.container();
        if (container != null) {
            container(container, root.putObject("image"));
        }
        if (!spec.steps().isEmpty()) {
            ArrayNode steps = root.putArray("steps");
            spec.steps().forEach(step -> step(step, steps.addObject()));
        }
        if (!spec.artifacts().isEmpty()) {
            ArrayNode artifacts = root.putArray("artifacts");
            spec.artifacts().forEach(glob -> artifacts.add(glob.toString()));
        }
        return root.toString();
    }

    private static void resources(Resources resources, ObjectNode root) {
        if (resources.equals(Resources.UNSPECIFIED)) {
            return;
        }
        ObjectNode node = root.putObject("resources");
        if (resources.cpus() != null) {
            node.put("cpus", resources.cpus());
        }
        if (resources.memory() != null) {
            node.put("memory", resources.memory().toString());
        }
        if (resources.disk() != null) {
            node.put("disk", resources.disk().toString());
        }
    }

    private static void container(ContainerSpec container, ObjectNode node) {
        node.put("name", container.image().text());
        node.put("pull", container.pull().word());
        node.put("entrypoint", container.entrypoint().word());
        if (container.user() != null) {
            node.put("user", container.user());
        }
    }

    private static void step(Step step, ObjectNode node) {
        node.put("name", step.name());
        List<String> argv = step.argv();
        if (step.isScript()) {
            node.put("run", argv.get(argv.size() - 1));
        } else {
            argv.forEach(node.putArray("command")::add);
        }
    }
}
