package dev.thaw.runner.execution;

import dev.thaw.runner.container.ContainerCommand;
import dev.thaw.runner.container.ContainerPlan;
import dev.thaw.runner.container.JobContainer;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.ContainerSpec;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.Step;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Steps as processes of one container, which is there before the first of them. */
record ContainerSteps(JobContainer container) implements Steps {
    private static final Pattern NUMBERS = Pattern.compile("([0-9]{1,9}):([0-9]{1,9}) ([0-9]{1,9})\n");

    /** Starts the container that the job asks for. */
    static Steps start(JobRequest request, ContainerSpec spec, Guest guest, Deadline deadline)
            throws RunnerException, InterruptedException {
        Matcher numbers = numbers(guest, deadline);
        String builder = numbers.group(1) + ":" + numbers.group(2);
        var plan = new ContainerPlan(
                spec, user(request, spec, builder), Integer.parseInt(numbers.group(3)), environment(request));
        return new ContainerSteps(
                JobContainer.start(guest.session(), plan, request.streams().stdio(), deadline));
    }

    @Override
    public Optional<ExecOutcome> run(Step step, JobStreams streams, Runnable started, Deadline deadline)
            throws RunnerException, InterruptedException {
        var command = new ContainerCommand(step.name(), step.argv(), streams.terminal());
        try {
            return Optional.of(new ExecOutcome.Exited(container.run(command, streams.stdio(), started, deadline)));
        } catch (RunnerException e) {
            if (e.fault() == Fault.DEADLINE && deadline.passed()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** By number, since the image need not know the guest's users. */
    private static @Nullable String user(JobRequest request, ContainerSpec spec, String builder) {
        String asked = request.spec().askedUser();
        return asked == null ? spec.user() : asked.equals("root") ? "0:0" : builder;
    }

    private static Map<String, String> environment(JobRequest request) {
        var environment = new LinkedHashMap<String, String>();
        environment.put("THAW_JOB_ID", request.id().value());
        // The workspace belongs to the guest's user, and git would refuse to work in it for anybody else.
        environment.put("GIT_CONFIG_COUNT", "1");
        environment.put("GIT_CONFIG_KEY_0", "safe.directory");
        environment.put("GIT_CONFIG_VALUE_0", "*");
        // The container shares the guest's network, so what Testcontainers starts is not behind a gateway.
        environment.put("TESTCONTAINERS_HOST_OVERRIDE", "localhost");
        environment.putAll(request.spec().env());
        return environment;
    }

    /** Whom the workspace belongs to, and the group of Docker's socket. */
    private static Matcher numbers(Guest guest, Deadline deadline) throws RunnerException, InterruptedException {
        var output = new ByteArrayOutputStream();
        var command = new GuestCommand(
                List.of(
                        "sh",
                        "-c",
                        "echo $(stat -c %u:%g " + JobExecution.WORKSPACE + ") $(stat -c %g /run/docker.sock)"),
                Map.of("PATH", GuestSteps.PATH),
                "/",
                "root");
        try (GuestProcess process =
                guest.session().start(command, new Stdio(null, OutputSink.to(output), OutputSink.DISCARD))) {
            if (process.await(deadline).isEmpty()) {
                throw new RunnerException(Fault.DEADLINE, "looking for the guest's Docker did not end in time");
            }
        }
        Matcher numbers = NUMBERS.matcher(output.toString(StandardCharsets.UTF_8));
        if (!numbers.matches()) {
            throw new RunnerException(
                    Fault.CONTAINER,
                    "there is no Docker daemon in the guest; steps in an image need a template that has one");
        }
        return numbers;
    }
}
