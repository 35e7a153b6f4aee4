package dev.thaw.runner.execution;

import dev.thaw.runner.admission.HostAdmission;
import dev.thaw.runner.admission.Lease;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobOutcome;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.Step;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One job: lease → guest → workspace → steps → discard, as one block. */
public final class JobExecution {
    private static final String WORKSPACE = "/workspace";
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final HostAdmission admission;
    private final GuestSource guests;

    public JobExecution(HostAdmission admission, GuestSource guests) {
        this.admission = admission;
        this.guests = guests;
    }

    /**
     * Runs a job to its end. An interrupt of the thread is a cancellation; in every case the guest is gone when this
     * returns or throws.
     *
     * @throws RunnerException if the runner could not do its part; a red build is an outcome
     */
    public JobResult run(JobRequest request) throws RunnerException {
        Stopwatch stopwatch = Stopwatch.start();
        Deadline deadline = Deadline.in(request.spec().timeout());
        JobOutcome outcome;
        WorkspaceFeed feed = request.workspace().map(WorkspaceFeed::new).orElse(null);
        try (feed) {
            outcome = run(request, feed, deadline, stopwatch);
        } catch (InterruptedException e) {
            outcome = new JobOutcome.Cancelled();
        } catch (RunnerException e) {
            if (!deadline.passed()) {
                throw e;
            }
            outcome = new JobOutcome.TimedOut(request.spec().timeout());
        }
        stopwatch.mark(Phase.DISCARDED);
        Template template = request.template();
        return new JobResult(
                request.id(),
                outcome,
                stopwatch.timings(),
                template.key(),
                template.accelerator(),
                feed == null ? Optional.empty() : feed.sha256());
    }

    private JobOutcome run(JobRequest request, @Nullable WorkspaceFeed feed, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException {
        Template template = request.template();
        long disk = disk(request.spec(), template);
        try (Lease lease = admission.lease(template.size().memory());
                Guest guest = guests.claim(request.id(), template, disk, deadline, stopwatch)) {
            try {
                if (disk > template.diskBytes()) {
                    growFileSystem(guest, deadline);
                }
                if (feed != null) {
                    unpack(guest, feed, deadline);
                }
                stopwatch.mark(Phase.WORKSPACE);
                JobOutcome outcome = steps(request, guest, deadline, stopwatch);
                stopwatch.mark(Phase.EXITED);
                return outcome;
            } catch (RunnerException e) {
                throw guest.vm().explained(e);
            }
        }
    }

    private static long disk(JobSpec spec, Template template) throws RunnerException {
        ByteSize wanted = spec.resources().disk();
        if (wanted == null) {
            return template.diskBytes();
        }
        if (wanted.bytes() < template.diskBytes()) {
            throw new RunnerException(
                    Fault.USAGE,
                    "the disk of template " + template.name() + " has " + new ByteSize(template.diskBytes())
                            + " and can only be made larger, asked for: " + wanted);
        }
        return wanted.bytes();
    }

    private static void growFileSystem(Guest guest, Deadline deadline) throws RunnerException, InterruptedException {
        housekeep(guest, List.of("resize2fs", "/dev/vda"), "root", null, deadline, "growing the disk");
    }

    private static void unpack(Guest guest, WorkspaceFeed feed, Deadline deadline)
            throws RunnerException, InterruptedException {
        try {
            housekeep(
                    guest,
                    List.of("tar", "--extract", "--preserve-permissions", "--file=-", "--directory=" + WORKSPACE),
                    "build",
                    feed,
                    deadline,
                    "unpacking the workspace");
        } finally {
            feed.check();
        }
    }

    /** Runs something of the runner's own in the guest, which has to succeed. */
    private static void housekeep(
            Guest guest, List<String> argv, String user, @Nullable WorkspaceFeed feed, Deadline deadline, String what)
            throws RunnerException, InterruptedException {
        var errors = new ByteArrayOutputStream();
        var stdio = new Stdio(feed == null ? null : feed.archive(), OutputSink.DISCARD, OutputSink.to(errors));
        var command = new GuestCommand(argv, Map.of("PATH", PATH, "LC_ALL", "C.UTF-8"), "/", user);
        try (GuestProcess process = guest.session().start(command, stdio)) {
            Optional<ExecOutcome> outcome = process.await(deadline);
            if (outcome.isEmpty()) {
                throw new RunnerException(Fault.DEADLINE, what + " did not end in time");
            }
            if (outcome.get().exitCode() != 0) {
                String message = errors.toString(StandardCharsets.UTF_8).strip().replaceAll("\\p{Cntrl}+", " | ");
                throw new RunnerException(
                        Fault.WORKSPACE, what + " ended with " + outcome.get().exitCode() + ": " + message);
            }
        }
    }

    private static JobOutcome steps(JobRequest request, Guest guest, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException {
        JobSpec spec = request.spec();
        var stdio = new Stdio(
                request.streams().stdin(),
                request.streams().stdout(),
                request.streams().stderr());
        for (Step step : spec.steps()) {
            var command = new GuestCommand(step.argv(), environment(request), WORKSPACE, spec.user());
            try (GuestProcess process = guest.session().start(command, stdio)) {
                if (process.awaitStarted(deadline)) {
                    stopwatch.mark(Phase.FIRST_EXEC);
                }
                Optional<ExecOutcome> outcome = process.await(deadline);
                if (outcome.isEmpty()) {
                    return new JobOutcome.TimedOut(spec.timeout());
                }
                if (outcome.get().exitCode() != 0) {
                    return red(step, outcome.get());
                }
            }
        }
        return new JobOutcome.Finished(0);
    }

    private static JobOutcome red(Step step, ExecOutcome outcome) throws RunnerException {
        if (outcome instanceof ExecOutcome.Failed failed && failed.exitCode() != 126 && failed.exitCode() != 127) {
            throw new RunnerException(
                    Fault.GUEST_LOST, "step " + step.name() + " could not be started: " + failed.message());
        }
        return new JobOutcome.Finished(outcome.exitCode());
    }

    private static Map<String, String> environment(JobRequest request) {
        boolean root = request.spec().user().equals("root");
        var environment = new LinkedHashMap<String, String>();
        environment.put("PATH", PATH);
        environment.put("HOME", root ? "/root" : "/home/" + request.spec().user());
        environment.put("USER", request.spec().user());
        environment.put("LOGNAME", request.spec().user());
        environment.put("SHELL", "/bin/bash");
        environment.put("LANG", "C.UTF-8");
        environment.put("THAW_JOB_ID", request.id().value());
        environment.putAll(request.spec().env());
        return environment;
    }
}
