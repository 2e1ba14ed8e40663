package io.lsmbd.nbd.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.limits.InFlightBudget.Share;
import io.lsmbd.nbd.limits.InFlightBudget.Usage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InFlightBudgetTest {
    private static final long MIB = 1 << 20;

    /** What connections have been told, to be run by the test: no threads. */
    private final Deque<Runnable> told = new ArrayDeque<>();

    private static InFlightBudget budget(long bytes, int requests) {
        return new InFlightBudget(new InFlightLimits(requests, new DataSize(bytes)));
    }

    private Share open(InFlightBudget budget, Runnable onRoom) {
        return budget.open(told::add, onRoom);
    }

    private static void end(Share share, long bytes, long unsent) {
        share.end(bytes);
        share.settle(unsent);
    }

    private Share open(InFlightBudget budget) {
        return open(budget, () -> {});
    }

    @Test
    void aGreedyConnectionLeavesRoomForOthers() {
        var budget = budget(48 * MIB, 1000);
        Share greedy = open(budget);
        int taken = 0;
        while (greedy.begin(MIB, 0)) {
            taken++;
        }
        assertThat(taken).isEqualTo(12);
        Share other = open(budget);
        int left = 0;
        while (other.begin(MIB, 0)) {
            left++;
        }
        assertThat(left).isEqualTo(8);
        assertThat(budget.usage().bytes()).isBetween(20 * MIB, 21 * MIB);
        assertThat(budget.usage().waiting()).isEqualTo(2);
    }

    @Test
    void howeverManyAreGreedySomethingIsLeftForLittleRequests() {
        var budget = budget(48 * MIB, 1_000_000);
        for (int i = 0; i < 500; i++) {
            Share greedy = open(budget);
            while (greedy.begin(128 << 10, 0)) {
                assertThat(budget.usage().bytes()).isLessThan(48 * MIB);
            }
        }
        assertThat(open(budget).begin(4096, 0)).isTrue();
    }

    /** As those do that send half of a payload, or do not read. */
    @Test
    void whoComesAfterManyThatGiveNothingBackHasEnoughForLittle() {
        var budget = budget(64 * MIB, 1_000_000);
        for (int i = 0; i < 24; i++) {
            Share still = open(budget);
            while (still.begin(MIB, 31 * MIB)) {
                assertThat(budget.usage().bytes()).isLessThan(64 * MIB);
            }
        }
        for (int i = 0; i < 24; i++) {
            Share good = open(budget);
            for (int j = 0; j < 16; j++) {
                assertThat(good.begin(32 << 10, 0)).isTrue();
            }
        }
    }

    @Test
    void whatIsReadAheadIsNotTakenFromWhatIsKeptForLittle() {
        var budget = budget(64 * MIB, 1_000_000);
        Share first = open(budget);
        assertThat(first.takeIfRoom(MIB)).isTrue();
        for (int i = 0; i < 24; i++) {
            Share greedy = open(budget);
            while (greedy.begin(MIB, 0)) {
                assertThat(budget.usage().bytes()).isLessThan(64 * MIB);
            }
        }
        assertThat(open(budget).takeIfRoom(MIB)).isFalse();
        assertThat(first.begin(512 << 10, 0)).isTrue();
        end(first, 512 << 10, 0);
        long before = budget.usage().bytes();
        first.giveBack(MIB);
        first.settle(0);
        assertThat(budget.usage().bytes()).isEqualTo(before - MIB);
    }

    @Test
    void aLittleIsReadAheadHoweverManyAreGreedy() {
        var budget = budget(64 * MIB, 1_000_000);
        for (int i = 0; i < 24; i++) {
            Share greedy = open(budget);
            while (greedy.begin(16 << 10, 0)) {
                assertThat(budget.usage().bytes()).isLessThan(64 * MIB);
            }
        }
        Share reader = open(budget);
        assertThat(reader.takeIfRoom(300 << 10)).isFalse();
        assertThat(reader.takeIfRoom(200 << 10)).isTrue();
        assertThat(reader.takeIfRoom(100 << 10)).as("together too much").isFalse();
    }

    @Test
    void whatIsKeptForLittleIsNotForALargeRequestToMoveInto() {
        var budget = budget(100 * MIB, 1000);
        Share other = open(budget);
        assertThat(other.begin(32 * MIB, 0)).isTrue();
        Share large = open(budget);
        assertThat(large.begin(50 * MIB, 0)).isFalse();
        assertThat(large.begin(50 * MIB, 0)).isTrue();
        Share next = open(budget);
        assertThat(next.begin(50 * MIB, 0)).isFalse();
        assertThat(told).as("the lane is taken").hasSize(1);
        end(other, 32 * MIB, 0);
        assertThat(told).as("the large one moved over").hasSize(2);
    }

    @Test
    void whoHasLittleAgainDoesNotWaitBehindThoseThatNeedMuch() {
        var budget = budget(64 * MIB, 1_000_000);
        for (int i = 0; i < 24; i++) {
            Share still = open(budget);
            while (still.begin(MIB, 31 * MIB)) {
                assertThat(budget.usage().bytes()).isLessThan(64 * MIB);
            }
        }
        told.clear(); // The first has the lane, and does nothing with it.
        Share good = open(budget);
        assertThat(good.begin(500 << 10, 0)).isTrue();
        end(good, 500 << 10, 500 << 10);
        assertThat(good.begin(32 << 10, 0)).as("too much at once").isFalse();
        assertThat(told).isEmpty();
        good.settle(0);
        assertThat(told).hasSize(1);
        assertThat(good.begin(32 << 10, 0)).isTrue();
    }

    /** Found by a reviewer: without the lock a payload went on without the lane that it had. */
    @Test
    void theLaneDoesNotStayWithWhoCouldGoOnWithoutIt() {
        var budget = budget(64 * MIB, 1_000_000);
        Share first = open(budget);
        assertThat(first.begin(500 << 10, 100 << 10)).isTrue();
        for (int i = 0; i < 24; i++) {
            Share still = open(budget);
            while (still.begin(16 << 10, 31 * MIB)) {
                assertThat(budget.usage().bytes()).isLessThan(64 * MIB);
            }
            still.standAside();
        }
        told.clear();
        first.settle(256 << 10);
        assertThat(first.grow(100 << 10, 0)).isFalse();
        assertThat(told).as("it has the lane").hasSize(1);
        first.unsent(0); // its client read what was on the way
        assertThat(first.grow(100 << 10, 0)).isTrue();
        end(first, 600 << 10, 0);
        Share next = open(budget);
        assertThat(next.begin(30 * MIB, 0)).isFalse();
        assertThat(told).hasSize(2);
        assertThat(next.begin(30 * MIB, 0)).isTrue();
    }

    @Test
    void whoWaitedBeforeTheLaneWasCompleteIsToldToo() {
        var budget = budget(100 * MIB, 1000);
        Share first = open(budget);
        assertThat(first.begin(50 * MIB, 0)).isFalse();
        Share next = open(budget);
        assertThat(next.begin(50 * MIB, 0)).isFalse();
        assertThat(told).hasSize(1);
        assertThat(first.begin(50 * MIB, 0)).isTrue();
        assertThat(told).hasSize(2);
        assertThat(next.begin(50 * MIB, 0)).isTrue();
    }

    @Test
    void onlyWhosePayloadArrivesWhileOthersWaitIsInTheWay() {
        var budget = budget(10 * MIB, 1000);
        Share slow = open(budget);
        assertThat(slow.begin(6 * MIB, 20 * MIB)).isFalse();
        assertThat(slow.begin(6 * MIB, 20 * MIB)).isTrue();
        assertThat(slow.isInTheWay()).isFalse();
        Share next = open(budget);
        assertThat(next.begin(64 * MIB, 0)).isFalse();
        assertThat(slow.isInTheWay()).isTrue();
        assertThat(next.isInTheWay()).isFalse();
        assertThat(slow.grow(20 * MIB, 0)).isTrue();
        assertThat(slow.isInTheWay()).as("all of it is there").isFalse();
    }

    @Test
    void repliesThatHaveLeftLetTheirConnectionTryAgain() {
        var budget = budget(64 * MIB, 1_000_000);
        for (int i = 0; i < 24; i++) {
            Share still = open(budget);
            while (still.begin(16 << 10, 31 * MIB)) {
                assertThat(budget.usage().bytes()).isLessThan(64 * MIB);
            }
        }
        Share inLane = open(budget);
        assertThat(inLane.begin(30 * MIB, 0)).isFalse();
        told.clear();
        Share good = open(budget);
        good.unsent(200 << 10);
        assertThat(good.begin(400 << 10, 0)).isFalse();
        assertThat(told).isEmpty();
        good.settle(0);
        assertThat(told).hasSize(1);
        assertThat(good.begin(400 << 10, 0)).isTrue();
    }

    @Test
    void requestsAreSharedLikeBytes() {
        var budget = budget(48 * MIB, 90);
        Share greedy = open(budget);
        int taken = 0;
        while (greedy.begin(1, 0)) {
            taken++;
        }
        assertThat(taken).isBetween(29, 34);
        assertThat(open(budget).begin(1, 0)).isTrue();
    }

    @Test
    void whoHasRequestsInFlightTriesAgainWhenOneEnds() {
        var budget = budget(3 * MIB, 1000);
        var tries = new ArrayList<String>();
        Share share = open(budget, () -> tries.add("again"));
        assertThat(share.begin(MIB, 0)).isTrue();
        assertThat(share.begin(MIB, 0)).isFalse();
        assertThat(told).isEmpty();
        end(share, MIB, 0);
        told.remove().run();
        assertThat(tries).containsExactly("again");
        assertThat(share.begin(MIB, 0)).isTrue();
    }

    @Test
    void aRequestLargerThanTheWholeGetsRightOfWayAndOnlyOneAtATime() {
        var budget = budget(10 * MIB, 1000);
        Share first = open(budget);
        Share second = open(budget);
        assertThat(first.begin(64 * MIB, 0)).isFalse();
        assertThat(second.begin(64 * MIB, 0)).isFalse();
        assertThat(told).hasSize(1);
        assertThat(first.begin(64 * MIB, 0)).isTrue();
        assertThat(budget.usage()).isEqualTo(new Usage(64 * MIB, 1, 1));
        assertThat(told).as("there is more than allowed: nobody else").hasSize(1);
        end(first, 64 * MIB, 0);
        assertThat(told).hasSize(2);
        assertThat(second.begin(64 * MIB, 0)).isTrue();
    }

    @Test
    void whoStopsInTheLaneKeepsOnlyThoseWaitingThatNeedTheLane() {
        var budget = budget(10 * MIB, 1000);
        Share stopped = open(budget);
        assertThat(stopped.begin(MIB, 31 * MIB)).isTrue();
        stopped.grow(20 * MIB, 11 * MIB);
        assertThat(told).hasSize(1);
        assertThat(stopped.grow(20 * MIB, 11 * MIB)).isTrue();
        Share large = open(budget);
        assertThat(large.begin(32 * MIB, 0)).isFalse();
        for (int i = 0; i < 100; i++) {
            Share other = open(budget);
            assertThat(other.begin(MIB, 0)).isTrue();
            other.end(MIB);
            other.settle(0);
        }
        assertThat(told).hasSize(1);
        stopped.end(21 * MIB);
        stopped.close();
        assertThat(told).hasSize(2);
        assertThat(large.begin(32 * MIB, 0)).isTrue();
    }

    @Test
    void replyInTheLaneThatNobodyReadsTakesNothingFromOthers() {
        var budget = budget(10 * MIB, 1000);
        Share slow = open(budget);
        assertThat(slow.begin(64 * MIB, 0)).isFalse();
        assertThat(slow.begin(64 * MIB, 0)).isTrue();
        end(slow, 64 * MIB, 64 * MIB);
        assertThat(budget.usage()).isEqualTo(new Usage(64 * MIB, 0, 0));
        Share other = open(budget);
        assertThat(other.begin(MIB, 0)).isTrue();
        Share large = open(budget);
        assertThat(large.begin(64 * MIB, 0)).isFalse();
        slow.settle(0);
        assertThat(large.begin(64 * MIB, 0)).isTrue();
    }

    @Test
    void theLaneIsFreeAgainAsSoonAsThereIsRoomBesideIt() {
        var budget = budget(100 * MIB, 1000);
        Share other = open(budget);
        assertThat(other.begin(10 * MIB, 0)).isTrue();
        Share large = open(budget);
        assertThat(large.begin(50 * MIB, 0)).isFalse();
        assertThat(large.begin(50 * MIB, 0)).isTrue();
        Share next = open(budget);
        assertThat(next.begin(50 * MIB, 0)).isFalse();
        assertThat(next.begin(50 * MIB, 0)).as("the first one moved over").isTrue();
        assertThat(budget.usage().bytes()).isBetween(110 * MIB, 111 * MIB);
    }

    @Test
    void payloadsThatWaitForEachOthersRoomAllEnd() {
        var budget = budget(10 * MIB, 1000);
        List<Share> shares = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            shares.add(open(budget));
            assertThat(shares.getLast().begin(MIB / 4, 32 * MIB)).isTrue();
        }
        int ended = 0;
        Deque<Share> receiving = new ArrayDeque<>(shares);
        long[] got = new long[8];
        for (int round = 0; round < 10_000 && !receiving.isEmpty(); round++) {
            Share share = receiving.remove();
            int index = shares.indexOf(share);
            long later = 32 * MIB - got[index] - MIB / 4;
            if (share.grow(MIB / 4, later)) {
                got[index] += MIB / 4;
            }
            if (got[index] == 32 * MIB) {
                end(share, 32 * MIB + MIB / 4, 0);
                ended++;
            } else {
                receiving.add(share);
            }
            assertThat(budget.usage().bytes()).isLessThanOrEqualTo((10 + 33) * MIB);
        }
        assertThat(ended).isEqualTo(8);
        assertThat(budget.usage()).isEqualTo(new Usage(0, 0, 0));
    }

    @Test
    void repliesThatAreNotSentCountUntilTheyAre() {
        var budget = budget(12 * MIB, 1000);
        Share slow = open(budget);
        assertThat(slow.begin(4 * MIB, 0)).isTrue();
        end(slow, 4 * MIB, 4 * MIB);
        assertThat(budget.usage().bytes()).isEqualTo(4 * MIB);
        assertThat(slow.begin(MIB, 0)).isFalse();
        assertThat(told).isEmpty();
        slow.settle(0);
        assertThat(told).hasSize(1);
        assertThat(slow.begin(MIB, 0)).isTrue();
    }

    @Test
    void whoCannotUseItsRightOfWayGivesItToTheNext() {
        var budget = budget(10 * MIB, 1000);
        Share first = open(budget);
        Share second = open(budget);
        assertThat(first.begin(64 * MIB, 0)).isFalse();
        assertThat(second.begin(64 * MIB, 0)).isFalse();
        first.standAside();
        assertThat(told).hasSize(2);
        assertThat(second.begin(64 * MIB, 0)).isTrue();
        second.close();
        assertThat(budget.usage()).as("its request goes on").isEqualTo(new Usage(64 * MIB, 1, 0));
        end(second, 64 * MIB, 0);
        assertThat(budget.usage()).isEqualTo(new Usage(0, 0, 0));
    }

    @Test
    void aRefusedPayloadDoesNotKeepTheRightOfWay() {
        var budget = budget(10 * MIB, 1000);
        Share refused = open(budget);
        assertThat(refused.begin(6 * MIB, 20 * MIB)).isFalse();
        assertThat(refused.begin(6 * MIB, 20 * MIB)).isTrue();
        Share next = open(budget);
        assertThat(next.begin(64 * MIB, 0)).isFalse();
        end(refused, 6 * MIB, 0);
        assertThat(next.begin(64 * MIB, 0)).isTrue();
    }

    /** Connections that do as they like; in the end all that they wanted was done. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyRequestGetsItsTurnAndTheLimitHolds(long seed) {
        long limit = 8 * MIB;
        long largest = 6 * MIB;
        var budget = budget(limit, 64);
        Random random = new Random(seed);
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            connections.add(new Connection(budget, random, largest));
        }
        for (int step = 0; step < 400_000; step++) {
            if (!told.isEmpty() && random.nextBoolean()) {
                told.remove().run();
            } else {
                connections.get(random.nextInt(connections.size())).step();
            }
            Usage usage = budget.usage();
            assertThat(usage.bytes()).isBetween(0L, limit + largest);
            assertThat(usage.requests()).isBetween(0, 65);
        }
        for (Connection connection : connections) {
            connection.stopBeginning();
        }
        for (int step = 0; step < 2_000_000 && budget.usage().requests() > 0; step++) {
            if (!told.isEmpty()) {
                told.remove().run();
            }
            connections.get(random.nextInt(connections.size())).step();
        }
        assertThat(budget.usage()).isEqualTo(new Usage(0, 0, 0));
        for (Connection connection : connections) {
            assertThat(connection.begun).isGreaterThan(100);
        }
    }

    /** Tries again only when told, as a connection that does not read its socket. */
    private final class Connection {
        private static final long CHUNK = 256 << 10;

        private final Random random;
        private final long largest;
        private final Share share;
        private final List<Long> complete = new ArrayList<>();
        private long next;
        private long received;
        private boolean isReceiving;
        private boolean isPaused;
        private boolean isStopping;
        private long unsent;
        private int begun;

        Connection(InFlightBudget budget, Random random, long largest) {
            this.random = random;
            this.largest = largest;
            this.share = open(budget, () -> isPaused = false);
        }

        private void stopBeginning() {
            isStopping = true;
        }

        private void step() {
            switch (random.nextInt(4)) {
                case 0 -> finish();
                case 1 -> send();
                default -> receive();
            }
        }

        private void finish() {
            if (!complete.isEmpty()) {
                long size = complete.remove(random.nextInt(complete.size()));
                unsent = isStopping ? 0 : Math.min(2 * MIB, unsent + size / 2);
                InFlightBudgetTest.end(share, size, unsent);
            }
        }

        private void send() {
            if (unsent > 0) {
                unsent = isStopping ? 0 : unsent / 2;
                share.settle(unsent);
            }
        }

        private void receive() {
            if (isPaused) {
                return;
            }
            if (!isReceiving && isStopping) {
                share.standAside();
                return;
            }
            if (!isReceiving && next == 0) {
                next = 1 + random.nextLong(random.nextInt(10) == 0 ? largest : 100_000);
            }
            long now = Math.min(CHUNK, next - received);
            long later = next - received - now;
            share.unsent(unsent);
            boolean isGranted = isReceiving ? share.grow(now, later) : share.begin(now, later);
            if (!isGranted) {
                isPaused = true;
                return;
            }
            begun += isReceiving ? 0 : 1;
            received += now;
            isReceiving = received < next;
            if (!isReceiving) {
                complete.add(next);
                next = 0;
                received = 0;
            }
        }
    }
}
