package dev.thaw.runner.execution;

import dev.thaw.runner.admission.HostAdmission;
import dev.thaw.runner.admission.Lease;
import dev.thaw.runner.artifact.ArtifactCollector;
import dev.thaw.runner.artifact.ArtifactOrder;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.ContainerSpec;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobOutcome;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.job.Phase;
import dev.thaw.runner.job.Step;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One job: lease → guest → workspace → steps → artifacts → discard, as one block. */
public final class JobExecution {
    static final String WORKSPACE = "/workspace";

    /** Of what the runner itself runs in a guest. */
    private static final Map<String, String> OWN_ENVIRONMENT = Map.of("PATH", GuestSteps.PATH, "LC_ALL", "C.UTF-8");

    private final HostAdmission admission;
    private final GuestSource guests;
    private final ArtifactCollector artifacts;

    public JobExecution(HostAdmission admission, GuestSource guests, ArtifactCollector artifacts) {
        this.admission = admission;
        this.guests = guests;
        this.artifacts = artifacts;
    }

    /** How the steps ended, and what became of the artifacts. */
    private record Ended(JobOutcome outcome, ArtifactReport artifacts) {}

    /**
     * Runs a job to its end. An interrupt of the thread is a cancellation; in every case the guest is gone when this
     * returns or throws.
     *
     * @throws RunnerException if the runner could not do its part; a red build is an outcome
     */
    public JobResult run(JobRequest request) throws RunnerException {
        return run(request, Stopwatch.start());
    }

    /** As {@link #run(JobRequest)}; the stopwatch was started just now, by somebody who wants to know of the phases. */
    public JobResult run(JobRequest request, Stopwatch stopwatch) throws RunnerException {
        Deadline deadline = Deadline.in(request.spec().timeout());
        Ended ended;
        WorkspaceFeed feed = request.workspace().map(WorkspaceFeed::new).orElse(null);
        try (feed) {
            ended = run(request, feed, deadline, stopwatch);
        } catch (InterruptedException e) {
            ended = withoutArtifacts(new JobOutcome.Cancelled(), request.spec());
        } catch (RunnerException e) {
            if (!deadline.passed()) {
                throw e;
            }
            ended = withoutArtifacts(new JobOutcome.TimedOut(request.spec().timeout()), request.spec());
        }
        stopwatch.mark(Phase.DISCARDED);
        Template template = request.template();
        return new JobResult(
                request.id(),
                ended.outcome(),
                ended.artifacts(),
                stopwatch.timings(),
                template.key(),
                template.accelerator(),
                feed == null ? Optional.empty() : feed.sha256(),
                feed == null ? List.of() : feed.remarks());
    }

    private Ended run(JobRequest request, @Nullable WorkspaceFeed feed, Deadline deadline, Stopwatch stopwatch)
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
                    unpack(guest, feed, disk, deadline);
                }
                stopwatch.mark(Phase.WORKSPACE);
                Steps steps = steps(request, guest, deadline);
                JobOutcome outcome = outcome(request, steps, deadline, stopwatch);
                if (outcome instanceof JobOutcome.Finished) {
                    request.keeper().extend(new StepShells(guest, steps), deadline);
                }
                stopwatch.mark(Phase.EXITED);
                Ended ended = collect(request, outcome, guest, deadline, stopwatch);
                keep(request, ended.outcome(), guest, steps);
                return ended;
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
        housekeep(
                guest, List.of("resize2fs", "/dev/vda"), "root", null, new Complaints(), deadline, "growing the disk");
    }

    private static void unpack(Guest guest, WorkspaceFeed feed, long disk, Deadline deadline)
            throws RunnerException, InterruptedException {
        // Records of 128 KiB: with tar's own of 10 KiB a guest without KVM spends a quarter more on system calls.
        List<String> tar = List.of(
                "tar",
                "--extract",
                "--preserve-permissions",
                "--blocking-factor=256",
                "--file=-",
                "--directory=" + WORKSPACE);
        var complaints = new Complaints();
        try {
            housekeep(guest, tar, "build", feed, complaints, deadline, "unpacking the workspace");
        } catch (RunnerException e) {
            feed.check();
            throw complaints.diskFull() ? tooLarge(disk, e) : e;
        }
        feed.check();
    }

    private static RunnerException tooLarge(long disk, RunnerException cause) {
        return new RunnerException(
                Fault.WORKSPACE,
                "the workspace does not fit on the guest's disk of " + new ByteSize(disk)
                        + ", of which the template takes a part; ask for a larger one with --disk",
                cause);
    }

    /** Runs something of the runner's own in the guest, which has to succeed. */
    private static void housekeep(
            Guest guest,
            List<String> argv,
            String user,
            @Nullable WorkspaceFeed feed,
            Complaints complaints,
            Deadline deadline,
            String what)
            throws RunnerException, InterruptedException {
        var stdio = new Stdio(feed == null ? null : feed.archive(), OutputSink.DISCARD, complaints);
        var command = new GuestCommand(argv, OWN_ENVIRONMENT, "/", user);
        try (GuestProcess process = guest.session().start(command, stdio)) {
            Optional<ExecOutcome> outcome = process.await(deadline);
            if (outcome.isEmpty()) {
                throw new RunnerException(Fault.DEADLINE, what + " did not end in time");
            }
            if (outcome.get().exitCode() != 0) {
                throw new RunnerException(
                        Fault.WORKSPACE, what + " ended with " + outcome.get().exitCode() + ": " + complaints);
            }
        }
    }

    private static Steps steps(JobRequest request, Guest guest, Deadline deadline)
            throws RunnerException, InterruptedException {
        ContainerSpec container = request.spec().container();
        return container == null
                ? new GuestSteps(request, guest)
                : ContainerSteps.start(request, container, guest, deadline);
    }

    private static JobOutcome outcome(JobRequest request, Steps steps, Deadline deadline, Stopwatch stopwatch)
            throws RunnerException, InterruptedException {
        JobSpec spec = request.spec();
        for (Step step : spec.steps()) {
            Optional<ExecOutcome> outcome =
                    steps.run(step, request.streams(), () -> stopwatch.mark(Phase.FIRST_EXEC), deadline);
            if (outcome.isEmpty()) {
                return new JobOutcome.TimedOut(spec.timeout());
            }
            if (outcome.get().exitCode() != 0) {
                return red(step, outcome.get());
            }
        }
        return new JobOutcome.Finished(0);
    }

    private static void keep(JobRequest request, JobOutcome outcome, Guest guest, Steps steps) {
        if (outcome.exitCode() == 0) {
            return;
        }
        try {
            request.keeper().keep(outcome, new StepShells(guest, steps));
        } catch (InterruptedException e) {
            // The job had ended before: what was interrupted is the looking.
            return;
        }
    }

    /** Red or green, a build that ended by itself gives its artifacts: a test report is wanted most when tests fail. */
    private Ended collect(JobRequest request, JobOutcome outcome, Guest guest, Deadline deadline, Stopwatch stopwatch)
            throws InterruptedException {
        JobSpec spec = request.spec();
        if (!(outcome instanceof JobOutcome.Finished) || spec.artifacts().isEmpty()) {
            return withoutArtifacts(outcome, spec);
        }
        Path output = request.output()
                .orElseThrow(() -> new IllegalArgumentException("a job with artifacts needs an output directory"));
        var order = new ArtifactOrder(
                spec.artifacts(),
                WORKSPACE,
                spec.user(),
                OWN_ENVIRONMENT,
                output,
                request.workspace().map(directory -> within(directory, output)).orElse(""));
        ArtifactReport report = artifacts.collect(guest.session(), order, deadline);
        if (report instanceof ArtifactReport.Refused && deadline.passed() && outcome.exitCode() == 0) {
            // The limit is for the whole job, and this is what it was passed in.
            return new Ended(new JobOutcome.TimedOut(spec.timeout()), report);
        }
        stopwatch.mark(Phase.COLLECTED);
        return new Ended(outcome, report);
    }

    private static Ended withoutArtifacts(JobOutcome outcome, JobSpec spec) {
        return new Ended(
                outcome,
                spec.artifacts().isEmpty()
                        ? ArtifactReport.NONE
                        : new ArtifactReport.Refused(
                                Fault.ARTIFACTS,
                                "artifacts were not collected, since the job did not end by itself",
                                List.of()));
    }

    /** Where a directory is in another one, with a slash behind it; empty if it is not, or is the same. */
    private static String within(Path directory, Path inner) {
        Path outside = directory.toAbsolutePath().normalize();
        Path inside = inner.toAbsolutePath().normalize();
        return inside.startsWith(outside) && !inside.equals(outside) ? outside.relativize(inside) + "/" : "";
    }

    /** Commands beside the steps, run as they were. */
    private record StepShells(Guest guest, Steps steps) implements KeptGuest {
        @Override
        public int run(List<String> argv, JobStreams streams, Deadline deadline)
                throws RunnerException, InterruptedException {
            return steps.run(new Step("shell", argv), streams, () -> {}, deadline)
                    .map(ExecOutcome::exitCode)
                    .orElseThrow(() -> new RunnerException(Fault.DEADLINE, "the shell did not end in time"));
        }

        @Override
        public CompletableFuture<?> gone() {
            return guest.vm().process().onExit();
        }
    }

    private static JobOutcome red(Step step, ExecOutcome outcome) throws RunnerException {
        if (outcome instanceof ExecOutcome.Failed failed && failed.exitCode() != 126 && failed.exitCode() != 127) {
            throw new RunnerException(
                    Fault.GUEST_LOST, "step " + step.name() + " could not be started: " + failed.message());
        }
        return new JobOutcome.Finished(outcome.exitCode());
    }
}
