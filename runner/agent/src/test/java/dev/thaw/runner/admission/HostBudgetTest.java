package dev.thaw.runner.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.job.ByteSize;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HostBudgetTest {
    private final AtomicInteger released = new AtomicInteger();
    private final HostBudget budget = new HostBudget(demand(4, 8, 100), released::incrementAndGet);

    private static Demand demand(int cpus, long memory, long disk) {
        return new Demand(cpus, new ByteSize(memory), new ByteSize(disk));
    }

    @Test
    void whatIsLeasedIsNotThereForOthersUntilItIsGivenBack() {
        Lease first = budget.lease(demand(2, 4, 50)).orElseThrow();
        Lease second = budget.lease(demand(2, 4, 50)).orElseThrow();
        assertThat(budget.lease(demand(1, 1, 1))).isEmpty();
        assertThat(budget.used()).isEqualTo(budget.total());

        first.close();

        assertThat(released).hasValue(1);
        assertThat(budget.lease(demand(2, 4, 50))).isPresent();
        second.close();
        assertThat(budget.used()).isEqualTo(demand(2, 4, 50));
    }

    @Test
    void eachOfTheThreeCounts() {
        assertThat(budget.lease(demand(5, 1, 1))).isEmpty();
        assertThat(budget.lease(demand(1, 9, 1))).isEmpty();
        assertThat(budget.lease(demand(1, 1, 101))).isEmpty();
        assertThat(budget.lease(demand(4, 8, 100))).isPresent();
    }

    @Test
    void aLeaseThatIsClosedTwiceGivesBackOnce() {
        Lease lease = budget.lease(demand(2, 2, 2)).orElseThrow();
        Lease other = budget.lease(demand(2, 2, 2)).orElseThrow();
        lease.close();
        lease.close();

        assertThat(budget.used()).isEqualTo(demand(2, 2, 2));
        other.close();
        assertThat(budget.used()).isEqualTo(Demand.NONE);
    }
}
