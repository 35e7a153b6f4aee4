package dev.thaw.runner.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.job.ContainerSpec;
import dev.thaw.runner.job.ImageEntrypoint;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a job's container is made with.
 *
 * @param spec what the job asks for
 * @param user whom it runs as, as {@code docker run --user} takes it; null for the image's own user
 * @param socketGroup the number of the group that may use the guest's Docker
 * @param env variables besides those of the image
 */
public record ContainerPlan(ContainerSpec spec, @Nullable String user, int socketGroup, Map<String, String> env) {
    private static final String WORKSPACE = "/workspace";
    private static final String SOCKET = "/var/run/docker.sock";
    /** Printed when it is the container's own process that runs: an entrypoint has run its arguments then. */
    static final String RUNNING = "thaw: the container runs";

    // Docker keeps the other end of this process's standard input open and writes nothing to it.
    private static final String[] IDLE = {"/bin/sh", "-c", "echo '" + RUNNING + "'; read -r _"};

    public ContainerPlan {
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    }

    /** The body of Docker's {@code POST /containers/create}. */
    ObjectNode json() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("Image", spec.image().text()).put("WorkingDir", WORKSPACE).put("OpenStdin", true);
        if (user != null) {
            body.put("User", user);
        }
        ArrayNode variables = body.putArray("Env");
        env.forEach((name, value) -> variables.add(name + "=" + value));
        if (spec.entrypoint() == ImageEntrypoint.NONE) {
            // One empty word, and not an empty list: that would be the image's own.
            body.putArray("Entrypoint").add("");
        }
        addAll(body.putArray("Cmd"), IDLE);
        ObjectNode host = body.putObject("HostConfig");
        // The guest's own network: what containers publish on its localhost is there for the steps, too.
        host.put("NetworkMode", "host").put("Init", true);
        addAll(host.putArray("Binds"), WORKSPACE + ":" + WORKSPACE, SOCKET + ":" + SOCKET);
        addAll(host.putArray("GroupAdd"), String.valueOf(socketGroup));
        return body;
    }

    private static void addAll(ArrayNode array, String... words) {
        for (String word : words) {
            array.add(word);
        }
    }
}
