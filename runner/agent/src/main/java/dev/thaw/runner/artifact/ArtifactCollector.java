package dev.thaw.runner.artifact;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.BoundedPipe;
import dev.thaw.runner.guest.ExecOutcome;
import dev.thaw.runner.guest.GuestCommand;
import dev.thaw.runner.guest.GuestProcess;
import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.os.JobDirectories;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Brings a job's artifacts back: listed in the guest, chosen here, sent by the guest's GNU tar, checked and unpacked
 * here. All of them or none.
 */
public final class ArtifactCollector {
    private static final int PIPE = 2 << 20;

    private final Set<Path> stagings = ConcurrentHashMap.newKeySet();

    /** Reports what came of it; whatever goes wrong is a report too. */
    public ArtifactReport collect(GuestSession guest, ArtifactOrder order, Deadline deadline)
            throws InterruptedException {
        var notes = new ArrayList<String>();
        try {
            Set<ArtifactName> names = list(guest, order, deadline, notes);
            if (names.isEmpty()) {
                return new ArtifactReport.Collected(0, 0, notes);
            }
            return fetch(guest, order, names, deadline, notes);
        } catch (ArtifactRefusedException e) {
            return new ArtifactReport.Refused(Fault.ARTIFACTS, String.valueOf(e.getMessage()), notes);
        } catch (RunnerException e) {
            return new ArtifactReport.Refused(e.fault(), "artifacts were not collected: " + e.getMessage(), notes);
        } catch (IOException e) {
            return new ArtifactReport.Refused(
                    JobDirectories.diskFull(e) ? Fault.NO_SPACE : Fault.HOST,
                    "artifacts cannot be written to " + order.output() + ": " + e.getMessage(),
                    notes);
        }
    }

    private static Set<ArtifactName> list(
            GuestSession guest, ArtifactOrder order, Deadline deadline, List<String> notes)
            throws ArtifactRefusedException, RunnerException, InterruptedException {
        var listing = new Listing(order.globs(), order.leftOut(), ArtifactLimits.DEFAULT);
        var complaints = new Complaints();
        ExecOutcome outcome;
        try {
            outcome = run(guest, order, listing.command(), new Stdio(null, listing, complaints), deadline);
        } catch (RunnerException e) {
            listing.check();
            throw e;
        }
        listing.check();
        // 1 is a directory that is not there, which is a glob that matches nothing, or one that cannot be read.
        if (outcome.exitCode() > 1) {
            throw new ArtifactRefusedException("find in the guest ended with " + outcome.exitCode() + complaints);
        }
        complaints.first(line -> !line.endsWith("No such file or directory")).ifPresent(notes::add);
        notes.addAll(listing.notes());
        return listing.selected();
    }

    private ArtifactReport fetch(
            GuestSession guest, ArtifactOrder order, Set<ArtifactName> names, Deadline deadline, List<String> notes)
            throws ArtifactRefusedException, RunnerException, IOException, InterruptedException {
        var output = new OutputDirectory(order.output());
        try {
            Path real = output.make();
            try (Staging staging = Staging.in(real, stagings)) {
                ArchiveUnpacker.Unpacked unpacked = transfer(guest, order, names, staging.tree(), deadline, notes);
                new Publication(staging, real).publish(unpacked.links());
                return new ArtifactReport.Collected(unpacked.count(), unpacked.bytes(), notes);
            }
        } finally {
            output.unmake();
        }
    }

    private static ArchiveUnpacker.Unpacked transfer(
            GuestSession guest,
            ArtifactOrder order,
            Set<ArtifactName> names,
            Path tree,
            Deadline deadline,
            List<String> notes)
            throws ArtifactRefusedException, RunnerException, IOException, InterruptedException {
        var pipe = new BoundedPipe(PIPE);
        OutputStream toPipe = pipe.output();
        var complaints = new Complaints();
        // No format with extended headers: names are bytes in this one. Two names of one file are two files.
        List<String> tar = List.of(
                "tar",
                "--create",
                "--format=gnu",
                "--hard-dereference",
                "--no-recursion",
                "--null",
                "--files-from=-",
                "--blocking-factor=128",
                "--file=-");
        try (var unpacking = new Unpacking(new ArchiveUnpacker(tree, names, ArtifactLimits.DEFAULT), pipe)) {
            ExecOutcome outcome;
            try {
                outcome = run(guest, order, tar, new Stdio(nullEnded(names), toPipe::write, complaints), deadline);
            } catch (RunnerException e) {
                unpacking.checkRefusal();
                throw e;
            }
            toPipe.close();
            boolean failed = outcome.exitCode() > 1;
            ArchiveUnpacker.Unpacked unpacked = unpacking.await(
                    deadline, failed ? "; tar in the guest ended with " + outcome.exitCode() + complaints : "");
            if (failed) {
                throw new ArtifactRefusedException("tar in the guest ended with " + outcome.exitCode() + complaints);
            }
            // 1: a file changed while it was read. It came whole, as it was at some time.
            complaints.first(line -> outcome.exitCode() == 1).ifPresent(notes::add);
            return unpacked;
        }
    }

    private static ExecOutcome run(
            GuestSession guest, ArtifactOrder order, List<String> argv, Stdio stdio, Deadline deadline)
            throws RunnerException, InterruptedException {
        var command = new GuestCommand(argv, order.environment(), order.workspace(), order.user());
        try (GuestProcess process = guest.start(command, stdio)) {
            return process.await(deadline)
                    .orElseThrow(() -> new RunnerException(Fault.DEADLINE, argv.get(0) + " did not end in time"));
        }
    }

    private static InputStream nullEnded(Set<ArtifactName> names) {
        var bytes = new ByteArrayOutputStream();
        for (ArtifactName name : names) {
            bytes.writeBytes(name.bytes().getBytes(StandardCharsets.ISO_8859_1));
            bytes.write(0);
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    /** What a program of the guest writes to its standard error: the beginning, for a person. */
    private static final class Complaints implements OutputSink {
        private static final int KEPT = 4 << 10;

        private final ByteArrayOutputStream text = new ByteArrayOutputStream();

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            text.write(bytes, offset, Math.min(length, KEPT - text.size()));
        }

        synchronized java.util.Optional<String> first(java.util.function.Predicate<String> wanted) {
            return text.toString(StandardCharsets.ISO_8859_1)
                    .lines()
                    .filter(wanted)
                    .map(ArtifactName::printable)
                    .findFirst();
        }

        @Override
        public String toString() {
            return first(line -> true).map(line -> ": " + line).orElse("");
        }
    }
}
