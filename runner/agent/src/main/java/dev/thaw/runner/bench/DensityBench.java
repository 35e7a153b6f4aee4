package dev.thaw.runner.bench;

import dev.thaw.runner.execution.Guest;
import dev.thaw.runner.execution.GuestSource;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How much memory an idle guest costs that no other guest shares. */
public final class DensityBench {
    private final GuestSource guests;

    public DensityBench(GuestSource guests) {
        this.guests = guests;
    }

    /**
     * What was measured.
     *
     * @param accelerator what guests ran on
     * @param guests how many ran at once
     * @param idleSeconds how long they had been idle
     * @param medianMebibytes private memory of a guest's whole process tree
     * @param mostMebibytes of the largest
     */
    public record Report(
            String accelerator, int guests, long idleSeconds, double medianMebibytes, double mostMebibytes) {}

    /** Restores guests, lets them idle and reads what each holds. */
    public Report run(Template template, int count, Duration idle) throws RunnerException, InterruptedException {
        var held = new ArrayList<Guest>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(guests.claim(
                        JobId.random(),
                        template,
                        template.diskBytes(),
                        Deadline.in(Duration.ofMinutes(2)),
                        Stopwatch.start()));
            }
            Thread.sleep(idle.toMillis());
            List<Double> sizes = new ArrayList<>();
            for (Guest guest : held) {
                sizes.add(PrivateMemory.mebibytes(guest.vm().process()));
            }
            sizes.sort(null);
            return new Report(
                    template.accelerator(), count, idle.toSeconds(), sizes.get((count - 1) / 2), sizes.get(count - 1));
        } finally {
            held.forEach(Guest::close);
        }
    }
}
