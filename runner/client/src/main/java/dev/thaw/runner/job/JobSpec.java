package dev.thaw.runner.job;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is asked: which template, how much, how long, which steps. A spec without steps is one whose command comes from
 * the command line; whoever runs it checks that there is one.
 *
 * @param askedUser build or root, null when nobody said: that is build in a guest, the image's own in a container
 * @param container what steps run in; null for the guest itself
 */
public record JobSpec(
        String template,
        Resources resources,
        Duration timeout,
        Map<String, String> env,
        @Nullable String askedUser,
        @Nullable ContainerSpec container,
        List<Step> steps,
        List<ArtifactGlob> artifacts) {
    /** Where artifacts go in the working directory, unless somebody says otherwise; it is never part of a workspace. */
    public static final String OUTPUT_DIRECTORY = "thaw-artifacts";

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(24);
    static final int MOST_ARTIFACT_GLOBS = 64;
    private static final Pattern TEMPLATE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    private static final Pattern ENV_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    // Below the other constants, which its constructor uses.
    /** What a job file that says nothing asks for; it has no steps. */
    public static final JobSpec DEFAULT = new JobSpec(
            "docker", Resources.UNSPECIFIED, Duration.ofHours(1), Map.of(), null, null, List.of(), List.of());

    public JobSpec {
        checkTemplate(template);
        checkTimeout(timeout);
        if (askedUser != null) {
            checkUser(askedUser);
        }
        env.forEach(JobSpec::checkEnv);
        // Not Map.copyOf(): the order is what the author wrote, and it is kept.
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        steps = List.copyOf(steps);
        artifacts = List.copyOf(artifacts);
        if (artifacts.size() > MOST_ARTIFACT_GLOBS) {
            throw new IllegalArgumentException(
                    "a job can have " + MOST_ARTIFACT_GLOBS + " artifact globs, got " + artifacts.size());
        }
    }

    /** The same job with these steps in place of its own. */
    public JobSpec withSteps(List<Step> other) {
        return new JobSpec(template, resources, timeout, env, askedUser, container, other, artifacts);
    }

    /** The same job with these variables added; they win over those of the same name. */
    public JobSpec withEnv(Map<String, String> added) {
        var all = new LinkedHashMap<>(env);
        all.putAll(added);
        return new JobSpec(template, resources, timeout, all, askedUser, container, steps, artifacts);
    }

    /** The same job on another template. */
    public JobSpec withTemplate(String other) {
        return new JobSpec(other, resources, timeout, env, askedUser, container, steps, artifacts);
    }

    /** The same job with the resources that {@code wish} names in place of its own. */
    public JobSpec withResources(Resources wish) {
        return new JobSpec(
                template, resources.overriddenBy(wish), timeout, env, askedUser, container, steps, artifacts);
    }

    /** The same job with another limit. */
    public JobSpec withTimeout(Duration other) {
        return new JobSpec(template, resources, other, env, askedUser, container, steps, artifacts);
    }

    /** The same job as another user, build or root, in the guest or in its container. */
    public JobSpec withUser(String other) {
        ContainerSpec same = container == null ? null : container.withoutUser();
        return new JobSpec(template, resources, timeout, env, other, same, steps, artifacts);
    }

    /** The same job in another container. */
    public JobSpec withContainer(ContainerSpec other) {
        return new JobSpec(template, resources, timeout, env, askedUser, other, steps, artifacts);
    }

    /** Whom of the guest's users steps run as that do not run in a container. */
    public String user() {
        return askedUser == null ? "build" : askedUser;
    }

    /** The same job with these artifacts beside its own. */
    public JobSpec withMoreArtifacts(List<ArtifactGlob> added) {
        List<ArtifactGlob> all =
                Stream.concat(artifacts.stream(), added.stream()).distinct().toList();
        return new JobSpec(template, resources, timeout, env, askedUser, container, steps, all);
    }

    static String checkTemplate(String name) {
        if (!TEMPLATE.matcher(name).matches()) {
            throw new IllegalArgumentException("template must match " + TEMPLATE + ", got: " + name);
        }
        return name;
    }

    static Duration checkTimeout(Duration timeout) {
        if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("timeout must be " + DurationText.of(SHORTEST) + " to "
                    + DurationText.of(LONGEST) + ", got: " + DurationText.of(timeout));
        }
        return timeout;
    }

    static String checkUser(String user) {
        if (!user.equals("build") && !user.equals("root")) {
            throw new IllegalArgumentException("user must be 'build' or 'root', got: " + user);
        }
        return user;
    }

    static void checkEnv(String name, String value) {
        if (!ENV_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name of an environment variable must match " + ENV_NAME + ", got: " + name);
        }
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("environment variable " + name + " has a NUL character in its value");
        }
    }
}
