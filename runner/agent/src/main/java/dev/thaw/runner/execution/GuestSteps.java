package dev.thaw.runner.execution;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.Step;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Steps as processes of the guest. */
record GuestSteps(JobRequest request, Guest guest) implements Steps {
    static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    @Override
    public Optional<ExecOutcome> run(Step step, JobStreams streams, Runnable started, Deadline deadline)
            throws RunnerException, InterruptedException {
        Terminal terminal = streams.terminal();
        if (terminal == null) {
            try (GuestProcess process = guest.session().start(command(step, null), streams.stdio());
                    Terminal.Following signals = streams.signals().follow(number -> signal(process, number))) {
                return ended(process, started, deadline);
            }
        }
        TerminalSize size = terminal.size();
        try (GuestProcess process =
                        guest.session().start(command(step, terminal).at(size), streams.stdio());
                Terminal.Following sizes = terminal.follow(size, now -> resize(process, now));
                Terminal.Following signals = streams.signals().follow(number -> signal(process, number))) {
            return ended(process, started, deadline);
        }
    }

    private static Optional<ExecOutcome> ended(GuestProcess process, Runnable started, Deadline deadline)
            throws RunnerException, InterruptedException {
        if (process.awaitStarted(deadline)) {
            started.run();
        }
        return process.await(deadline);
    }

    private static void resize(GuestProcess process, TerminalSize size) {
        try {
            process.resize(size);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void signal(GuestProcess process, int number) {
        try {
            process.signal(number);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private GuestCommand command(Step step, @Nullable Terminal terminal) {
        return new GuestCommand(
                step.argv(),
                environment(terminal),
                JobExecution.WORKSPACE,
                request.spec().user());
    }

    private Map<String, String> environment(@Nullable Terminal terminal) {
        String user = request.spec().user();
        var environment = new LinkedHashMap<String, String>();
        environment.put("PATH", PATH);
        environment.put("HOME", user.equals("root") ? "/root" : "/home/" + user);
        environment.put("USER", user);
        environment.put("LOGNAME", user);
        environment.put("SHELL", "/bin/bash");
        environment.put("LANG", "C.UTF-8");
        environment.put("THAW_JOB_ID", request.id().value());
        if (terminal != null) {
            environment.put("TERM", terminal.type());
        }
        environment.putAll(request.spec().env());
        return environment;
    }
}
