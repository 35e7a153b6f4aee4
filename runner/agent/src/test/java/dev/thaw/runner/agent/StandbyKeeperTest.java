package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.Resources;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandbyKeeperTest {
    private static final long GIB = 1L << 30;
    private static final StandbyWish TWO_SMALL = new StandbyWish("small", Resources.UNSPECIFIED, 2);
    private static final StandbyWish ONE_LARGE =
            new StandbyWish("large", new Resources(null, new ByteSize(4 * GIB), null), 1);

    private final FakeStock stock = new FakeStock();
    private final FakeRoom room = new FakeRoom();

    private static final class FakeRoom implements StandbyKeeper.Room {
        long left = 100 * GIB;
        long available = 100 * GIB;
        boolean jobsWait;

        @Override
        public ByteSize leftOfBudget() {
            return new ByteSize(left);
        }

        @Override
        public boolean spares(ByteSize memory) {
            return memory.bytes() <= available;
        }

        @Override
        public boolean jobsWait() {
            return jobsWait;
        }
    }

    private StandbyKeeper keeper(StandbyWish... wishes) throws Exception {
        return new StandbyKeeper(List.of(wishes), stock, room, Duration.ZERO);
    }

    /** What it does until there is nothing to do. */
    private List<String> settle(StandbyKeeper keeper) throws Exception {
        stock.events.clear();
        while (keeper.step()) {
            assertThat(stock.events).hasSizeLessThan(20);
        }
        return List.copyOf(stock.events);
    }

    @Test
    void asManyAsAreWantedWait() throws Exception {
        stock.published.put("small", "1");
        stock.published.put("large", "1");
        StandbyKeeper keeper = keeper(TWO_SMALL, ONE_LARGE);

        assertThat(settle(keeper)).containsExactly("prepare small1", "prepare small1", "prepare large1");
        assertThat(settle(keeper)).isEmpty();
        assertThat(keeper.wishes()).containsOnlyKeys(TWO_SMALL, ONE_LARGE);
        keeper.wishes()
                .forEach((wish, size) ->
                        assertThat(keeper.waiting(wish.template(), size)).isEqualTo(wish.count()));
    }

    @Test
    void oneThatIsClaimedIsReplaced() throws Exception {
        stock.published.put("small", "1");
        StandbyKeeper keeper = keeper(TWO_SMALL);
        settle(keeper);

        stock.claim();

        assertThat(settle(keeper)).containsExactly("prepare small1");
    }

    @Test
    void oneThatDiesIsReplaced() throws Exception {
        stock.published.put("small", "1");
        StandbyKeeper keeper = keeper(TWO_SMALL);
        settle(keeper);

        stock.dead = 1;

        assertThat(settle(keeper)).containsExactly("prepare small1");
    }

    @Test
    void ofATemplateThatIsNotPublishedNoneWaits() throws Exception {
        stock.published.put("large", "damaged");

        assertThat(settle(keeper(TWO_SMALL, ONE_LARGE))).isEmpty();
    }

    @Test
    void aTemplateThatChangesDropsItsGuests() throws Exception {
        stock.published.put("small", "1");
        stock.published.put("large", "1");
        StandbyKeeper keeper = keeper(TWO_SMALL, ONE_LARGE);
        settle(keeper);

        stock.published.put("small", "2");
        assertThat(settle(keeper)).containsExactly("drop small1", "drop small1", "prepare small2", "prepare small2");
        stock.published.put("large", "damaged");
        assertThat(settle(keeper)).containsExactly("drop large1");
        stock.published.remove("small");
        assertThat(settle(keeper)).containsExactly("drop small2", "drop small2");
    }

    @Test
    void jobsHaveTheBudgetAndGuestsThatWaitHaveTheRest() throws Exception {
        stock.published.put("small", "1");
        stock.published.put("large", "1");
        room.left = 5 * GIB;
        StandbyKeeper keeper = keeper(TWO_SMALL, ONE_LARGE);
        assertThat(settle(keeper)).containsExactly("prepare small1", "prepare small1");

        room.left = 6 * GIB;
        assertThat(settle(keeper)).containsExactly("prepare large1");
        room.left = 5 * GIB;
        assertThat(settle(keeper)).containsExactly("drop large1");
        room.left = GIB;
        assertThat(settle(keeper)).containsExactly("drop small1");
        room.left = 0;
        assertThat(settle(keeper)).containsExactly("drop small1");
    }

    @Test
    void aHostThatRunsShortOfMemoryGetsItBackOneByOne() throws Exception {
        stock.published.put("small", "1");
        StandbyKeeper keeper = keeper(TWO_SMALL);
        settle(keeper);

        room.available = -1;
        assertThat(keeper.step()).isTrue();
        assertThat(stock.waiting()).hasSize(1);
        room.available = 0;
        assertThat(settle(keeper)).isEmpty();
        // There is no making one that would have to go again.
        room.available = GIB - 1;
        assertThat(settle(keeper)).isEmpty();
        room.available = GIB;
        assertThat(settle(keeper)).containsExactly("prepare small1");
    }

    @Test
    void noneIsMadeWhileJobsWait() throws Exception {
        stock.published.put("small", "1");
        room.jobsWait = true;
        StandbyKeeper keeper = keeper(TWO_SMALL);

        assertThat(settle(keeper)).isEmpty();
        room.jobsWait = false;
        assertThat(settle(keeper)).hasSize(2);
    }

    @Test
    void aClaimIsLeftAloneForAWhile() throws Exception {
        stock.published.put("small", "1");
        var keeper = new StandbyKeeper(List.of(TWO_SMALL), stock, room, Duration.ofHours(1));
        assertThat(settle(keeper)).hasSize(2);

        stock.claim();

        assertThat(settle(keeper)).isEmpty();
        // What has to go does not wait.
        room.left = 0;
        assertThat(settle(keeper)).containsExactly("drop small1");
    }

    @Test
    void afterAFaultThereIsAPause() throws Exception {
        stock.published.put("small", "1");
        stock.broken = true;
        StandbyKeeper keeper = keeper(TWO_SMALL);
        assertThat(keeper.step()).isFalse();

        stock.broken = false;

        assertThat(keeper.step()).isFalse();
        assertThat(stock.waiting()).isEmpty();
    }

    @Test
    void closedNoneIsMade() throws Exception {
        stock.published.put("small", "1");
        StandbyKeeper keeper = keeper(TWO_SMALL);
        settle(keeper);

        keeper.close();

        assertThat(stock.waiting()).isEmpty();
        assertThat(keeper.step()).isFalse();
    }

    @Test
    void aWishForNothingThatThereIsKeepsAnAgentFromStarting() {
        assertThatThrownBy(() -> keeper(new StandbyWish("nothing", Resources.UNSPECIFIED, 1)))
                .hasMessage("there is no template nothing");
    }
}
