package dev.thaw.runner.agent;

import dev.thaw.runner.admission.HostMemory;
import dev.thaw.runner.job.ByteSize;
import java.io.IOException;

/**
 * What an agent's jobs leave of its host.
 *
 * @param spare memory that stays free for everybody else
 */
record HostRoom(Dispatcher dispatcher, HostMemory memory, ByteSize spare) implements StandbyKeeper.Room {
    @Override
    public ByteSize leftOfBudget() {
        return dispatcher.total().minus(dispatcher.used()).memory();
    }

    @Override
    public boolean spares(ByteSize wanted) {
        try {
            return memory.available().orElse(Long.MAX_VALUE) - wanted.bytes() >= spare.bytes();
        } catch (IOException e) {
            // A host that does not tell has none to spare.
            return false;
        }
    }

    @Override
    public boolean jobsWait() {
        return dispatcher.queuedCount() > 0;
    }
}
