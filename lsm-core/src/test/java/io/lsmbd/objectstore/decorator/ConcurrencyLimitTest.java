package io.lsmbd.objectstore.decorator;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.objectstore.decorator.ConcurrencyLimit.Answer;
import io.lsmbd.objectstore.decorator.ConcurrencyLimit.Urgency;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class ConcurrencyLimitTest {
    private final Environment environment =
            new SystemEnvironment((_, death) -> death.printStackTrace());
    private final ConcurrencyLimit limit = new ConcurrencyLimit(environment);

    private List<Long> entered(int requests) {
        List<Long> entered = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            entered.add(limit.enter(Urgency.ORDINARY));
        }
        return entered;
    }

    private void leave(List<Long> entered, Answer answer) {
        entered.forEach(one -> limit.leave(one, answer));
    }

    private static void awaitUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    /** Another caller, which waits by now and stays once it is let in. */
    private void waiter(Urgency urgency, String name, List<String> admitted) {
        int before = limit.waiting();
        var _ =
                environment.spawnVirtual(
                        name,
                        () -> {
                            assertThat(limit.enter(urgency)).isNotNegative();
                            admitted.add(name);
                        });
        awaitUntil(() -> limit.waiting() == before + 1);
    }

    @Test
    void whatWasUnderWayTogetherHalvesItOnce() {
        leave(entered(40), Answer.THROTTLED);
        assertThat(limit.limit()).isEqualTo(20);
        leave(entered(20), Answer.THROTTLED);
        assertThat(limit.limit()).isEqualTo(10);
        assertThat(limit.underWay()).isZero();
    }

    @Test
    void itGrowsByOneForEachRoundThatIsAnswered() {
        leave(entered(40), Answer.THROTTLED);
        leave(entered(20), Answer.FAILED);
        assertThat(limit.limit()).isEqualTo(20);
        leave(entered(20), Answer.GIVEN);
        leave(entered(2), Answer.GIVEN);
        assertThat(limit.limit()).isEqualTo(21);
        for (int i = 0; i < ConcurrencyLimit.MOST * ConcurrencyLimit.MOST; i++) {
            leave(entered(1), Answer.GIVEN);
        }
        assertThat(limit.limit()).isEqualTo(ConcurrencyLimit.MOST);
    }

    @Test
    void oneMayAlwaysGo() {
        for (int i = 0; i < 5; i++) {
            leave(entered(1), Answer.THROTTLED);
        }
        assertThat(limit.limit()).isEqualTo(1);
        leave(entered(1), Answer.GIVEN);
        assertThat(limit.underWay()).isZero();
    }

    @Test
    void callersAreLetInInTheOrderInWhichTheyCame() {
        leave(entered(2), Answer.THROTTLED);
        var entered = limit.enter(Urgency.ORDINARY);
        List<String> admitted = new CopyOnWriteArrayList<>();
        List<String> names = List.of("a", "b", "c", "d");
        names.forEach(name -> waiter(Urgency.ORDINARY, name, admitted));
        assertThat(admitted).isEmpty();
        for (int i = 1; i <= names.size(); i++) {
            int wanted = i;
            limit.leave(entered, Answer.FAILED);
            awaitUntil(() -> admitted.size() == wanted);
            assertThat(limit.underWay()).isEqualTo(1);
        }
        assertThat(admitted).isEqualTo(names);
    }

    @Test
    void theUrgentDoNotWaitBehindOthers() {
        leave(entered(2), Answer.THROTTLED);
        List<String> admitted = new CopyOnWriteArrayList<>();
        var entered = limit.enter(Urgency.ORDINARY);
        waiter(Urgency.ORDINARY, "segment", admitted);
        // There is room that only they may take,
        for (int i = 0; i < ConcurrencyLimit.ROOM_FOR_URGENT; i++) {
            assertThat(limit.enter(Urgency.URGENT)).isEqualTo(entered);
        }
        // and if that is taken, they are the next.
        waiter(Urgency.URGENT, "lease", admitted);
        limit.leave(entered, Answer.FAILED);
        awaitUntil(() -> !admitted.isEmpty());
        assertThat(admitted).containsExactly("lease");
        for (int i = 0; i < ConcurrencyLimit.ROOM_FOR_URGENT + 1; i++) {
            limit.leave(entered, Answer.FAILED);
        }
        awaitUntil(() -> admitted.size() == 2);
    }
}
