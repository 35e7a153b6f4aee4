package dev.thaw.runner.admission;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The part of the host that jobs may have together. A lease is a reservation: what a guest may come to use is taken when
 * it starts, and not when it does use it.
 */
public final class HostBudget {
    private final Demand total;
    private final Runnable released;
    private Demand used = Demand.NONE;

    /**
     * A budget nothing is taken of.
     *
     * @param released told whenever a lease has been closed
     */
    public HostBudget(Demand total, Runnable released) {
        this.total = total;
        this.released = released;
    }

    /** The right to so much; empty if there is not so much left now. */
    public synchronized Optional<Lease> lease(Demand demand) {
        Demand then = used.plus(demand);
        if (!then.fits(total)) {
            return Optional.empty();
        }
        used = then;
        var open = new AtomicBoolean(true);
        return Optional.of(() -> {
            // Closed twice, it must not give back what is somebody else's by now.
            if (open.compareAndSet(true, false)) {
                release(demand);
            }
        });
    }

    private void release(Demand demand) {
        synchronized (this) {
            used = used.minus(demand);
        }
        released.run();
    }

    /** What all jobs together may take. */
    public Demand total() {
        return total;
    }

    /** What is leased now. */
    public synchronized Demand used() {
        return used;
    }
}
