package dev.thaw.runner.job;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The container that a job's steps run in.
 *
 * @param image what it is made of
 * @param pull when the image is fetched
 * @param entrypoint what becomes of the image's own
 * @param user a user of the image, as {@code docker run --user} takes it; null when nobody was named for the container
 */
public record ContainerSpec(
        ImageReference image,
        PullPolicy pull,
        ImageEntrypoint entrypoint,
        @Nullable String user) {
    private static final Pattern USER =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?");

    public ContainerSpec {
        if (user != null) {
            checkUser(user);
        }
    }

    /** The container of whoever names an image and nothing else. */
    public static ContainerSpec of(ImageReference image) {
        return new ContainerSpec(image, PullPolicy.MISSING, ImageEntrypoint.NONE, null);
    }

    /** The same container, its image fetched at another time. */
    public ContainerSpec withPull(PullPolicy other) {
        return new ContainerSpec(image, other, entrypoint, user);
    }

    /** The same container with nobody named for it. */
    ContainerSpec withoutUser() {
        return new ContainerSpec(image, pull, entrypoint, null);
    }

    static String checkUser(String user) {
        if (!USER.matcher(user).matches()) {
            throw new IllegalArgumentException(
                    "user of a container must be a name or number of the image's, like node, 1000 or 1000:1000, got: "
                            + user);
        }
        return user;
    }
}
