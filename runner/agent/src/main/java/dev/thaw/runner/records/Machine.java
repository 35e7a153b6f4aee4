package dev.thaw.runner.records;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a job's guest was restored from.
 *
 * @param templateKey digest of everything the snapshot depends on
 * @param accelerator {@code kvm} or {@code tcg}
 * @param cpus of the guest
 * @param memoryBytes of the guest
 * @param inputs what the key was made of, so that a difference can be named
 */
public record Machine(String templateKey, String accelerator, int cpus, long memoryBytes, Map<String, String> inputs) {
    public Machine {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    }

    /** One line for each thing that is not as it was; empty if guests of both are the same machine. */
    List<String> differences(Machine now) {
        if (templateKey.equals(now.templateKey)) {
            return List.of();
        }
        var lines = new ArrayList<String>();
        inputs.forEach((name, then) -> {
            String today = now.inputs.getOrDefault(name, "");
            if (!then.equals(today)) {
                lines.add("template " + name + ": " + then + " then, " + today + " now");
            }
        });
        return lines.isEmpty() ? List.of("template key: " + templateKey + " then, " + now.templateKey + " now") : lines;
    }
}
