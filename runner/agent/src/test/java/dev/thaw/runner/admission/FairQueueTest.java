package dev.thaw.runner.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.admission.FairQueue.Ticket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {
    private final FairQueue<String> queue = new FairQueue<>();
    private long number;

    private void add(String job, int priority) {
        queue.add(new Ticket<>(job, job.substring(0, 1), priority, number++));
    }

    private List<String> all() {
        var order = new ArrayList<String>();
        for (var head = queue.head(); head.isPresent(); head = queue.head()) {
            order.add(head.get());
            queue.start();
        }
        return order;
    }

    @Test
    void oneClientsJobsComeInTheirOrder() {
        for (String job : List.of("a1", "a2", "a3")) {
            add(job, 0);
        }

        assertThat(all()).containsExactly("a1", "a2", "a3");
    }

    @Test
    void aClientWithAHundredJobsDoesNotKeepAnotherOneWaiting() {
        for (int i = 0; i < 100; i++) {
            add("a" + i, 0);
        }
        add("b1", 0);
        add("b2", 0);

        assertThat(all()).startsWith("a0", "b1", "a1", "b2", "a2", "a3");
    }

    @Test
    void theOneWithTheFewestRunningJobsIsNext() {
        add("a1", 0);
        queue.start();
        add("a2", 0);
        add("b1", 0);
        assertThat(queue.head()).contains("b1");
        queue.start();
        add("b2", 0);
        queue.ended("b");

        assertThat(queue.head()).contains("b2");
    }

    @Test
    void aPriorityCountsAmongAClientsOwnJobsAlone() {
        add("b1", 0);
        add("a1", 100);
        add("a2", -100);
        add("a3", 100);
        add("b2", 5);

        assertThat(all()).containsExactly("a1", "b2", "a3", "b1", "a2");
    }

    @Test
    void whoGivesUpAPlaceIsNotNext() {
        add("a1", 0);
        add("a2", 0);

        assertThat(queue.remove("a1")).isTrue();
        assertThat(queue.remove("a1")).isFalse();
        assertThat(queue.waiting()).containsExactly("a2");
        assertThat(all()).containsExactly("a2");
    }

    @Test
    void theHeadKeepsItsPlaceWhileItIsLookedAt() {
        add("a1", 0);

        assertThat(queue.head()).isEqualTo(queue.head()).contains("a1");
    }

    @Test
    void nobodyWaitsTwice() {
        add("a1", 0);

        assertThatThrownBy(() -> add("a1", 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
