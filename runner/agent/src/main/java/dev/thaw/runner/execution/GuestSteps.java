package dev.thaw.runner.execution;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.Step;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Steps as processes of the guest. */
record GuestSteps(JobRequest request, Guest guest, Stdio stdio) implements Steps {
    static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    @Override
    public Optional<ExecOutcome> run(Step step, Runnable started, Deadline deadline)
            throws RunnerException, InterruptedException {
        var command = new GuestCommand(
                step.argv(),
                environment(),
                JobExecution.WORKSPACE,
                request.spec().user());
        try (GuestProcess process = guest.session().start(command, stdio)) {
            if (process.awaitStarted(deadline)) {
                started.run();
            }
            return process.await(deadline);
        }
    }

    private Map<String, String> environment() {
        String user = request.spec().user();
        var environment = new LinkedHashMap<String, String>();
        environment.put("PATH", PATH);
        environment.put("HOME", user.equals("root") ? "/root" : "/home/" + user);
        environment.put("USER", user);
        environment.put("LOGNAME", user);
        environment.put("SHELL", "/bin/bash");
        environment.put("LANG", "C.UTF-8");
        environment.put("THAW_JOB_ID", request.id().value());
        environment.putAll(request.spec().env());
        return environment;
    }
}
