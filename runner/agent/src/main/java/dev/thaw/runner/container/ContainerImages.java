package dev.thaw.runner.container;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.ImageReference;
import dev.thaw.runner.job.PullPolicy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The images that the guest's Docker has, and those that it can fetch. */
final class ContainerImages {
    private static final int NOT_FOUND = 404;

    private final DockerEngine engine;

    ContainerImages(DockerEngine engine) {
        this.engine = engine;
    }

    /** Returns when the guest has the image; a fault that says why when it cannot. */
    void provide(ImageReference image, PullPolicy policy, Deadline deadline)
            throws RunnerException, InterruptedException {
        boolean pull = switch (policy) {
            case ALWAYS -> true;
            case MISSING -> !has(image, deadline);
            case NEVER -> {
                if (!has(image, deadline)) {
                    throw new RunnerException(
                            Fault.CONTAINER,
                            "image " + image + " is not in the guest and is never to be pulled;"
                                    + " guests are offline: name an image that the template has, or have its recipe load it");
                }
                yield false;
            }
        };
        if (pull) {
            pull(image, policy, deadline);
        }
    }

    private boolean has(ImageReference image, Deadline deadline) throws RunnerException, InterruptedException {
        return engine.get("/images/" + encoded(image.text()).replace("%2F", "/") + "/json", deadline, answer -> {
            if (!answer.done() && answer.status() != NOT_FOUND) {
                throw new RunnerException(
                        Fault.CONTAINER, "Docker cannot look for image " + image + ": " + answer.refusal());
            }
            return answer.done();
        });
    }

    private void pull(ImageReference image, PullPolicy policy, Deadline deadline)
            throws RunnerException, InterruptedException {
        String path = "/images/create?fromImage=" + encoded(image.name()) + "&tag=" + encoded(image.version());
        Optional<String> failure = engine.post(
                path, null, deadline, answer -> answer.done() ? answer.failureOfPull() : Optional.of(answer.refusal()));
        if (failure.isPresent()) {
            String where = policy == PullPolicy.ALWAYS ? "" : "is not in the guest and ";
            throw new RunnerException(
                    Fault.CONTAINER,
                    "image " + image + " " + where + "cannot be pulled: " + failure.get()
                            + "; guests are offline: name an image that the template has, or have its recipe load it");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
