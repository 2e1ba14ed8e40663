package io.lsmbd.objectstore.decorator;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.decorator.HedgePolicy.Kind;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HedgePolicyTest {
    private static final int KIB = 1 << 10;
    private static final long MILLI = 1_000_000;
    private final AtomicLong nanos = new AtomicLong();

    private HedgePolicy policy(double share) {
        HedgeConfig config =
                new HedgeConfig(
                        share,
                        Duration.ofMillis(5),
                        Duration.ofSeconds(1),
                        new DataSize(100 * KIB),
                        new DataSize(400 * KIB));
        return new HedgePolicy(config, nanos::get, new Random(1));
    }

    private static void answers(HedgePolicy policy, Kind kind, int bytes, long... millis) {
        for (int i = 0; i < 256; i++) {
            policy.ended(kind, bytes, "answer", millis[i % millis.length] * MILLI);
        }
    }

    @Test
    void itWaitsAsLongAsNearlyAllOfTheKindAndSizeTook() {
        HedgePolicy policy = policy(1);
        assertThat(policy.begin(Kind.GET, 10 * KIB, 0)).isEmpty();
        answers(policy, Kind.GET, 10 * KIB, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100);
        answers(policy, Kind.GET, 100 * KIB, 300);
        answers(policy, Kind.PUT, 10 * KIB, 500);
        for (int i = 0; i < 100; i++) {
            assertThat(policy.begin(Kind.GET, 16 * KIB, 0).orElseThrow())
                    .isBetween(Duration.ofMillis(100), Duration.ofMillis(125));
            assertThat(policy.begin(Kind.GET, 17 * KIB, 0).orElseThrow())
                    .isBetween(Duration.ofMillis(300), Duration.ofMillis(375));
            assertThat(policy.begin(Kind.PUT, 1, 0).orElseThrow())
                    .isBetween(Duration.ofMillis(500), Duration.ofMillis(625));
        }
        assertThat(policy.begin(Kind.PUT, 17 * KIB, 0)).isEmpty();
    }

    @Test
    void itForgetsHowThingsWereLongAgo() {
        HedgePolicy policy = policy(1);
        answers(policy, Kind.GET, KIB, 900);
        answers(policy, Kind.GET, KIB, 10);
        assertThat(policy.begin(Kind.GET, KIB, 0).orElseThrow())
                .isBetween(Duration.ofMillis(10), Duration.ofMillis(13));
    }

    @Test
    void theDelayHasBounds() {
        HedgePolicy policy = policy(1);
        answers(policy, Kind.GET, KIB, 1);
        answers(policy, Kind.PUT, KIB, 100_000);
        assertThat(policy.begin(Kind.GET, KIB, 0)).contains(Duration.ofMillis(5));
        assertThat(policy.begin(Kind.PUT, KIB, 0)).contains(Duration.ofSeconds(1));
    }

    @Test
    void secondRequestsAreFew() {
        HedgePolicy policy = policy(0.05);
        answers(policy, Kind.GET, KIB, 10);
        int hedges = 0;
        for (int i = 0; i < 10_000; i++) {
            if (policy.begin(Kind.GET, KIB, 0).isPresent() && policy.takeShare()) {
                hedges++;
            }
        }
        assertThat(hedges).isBetween(490, 500);
        HedgePolicy none = policy(0);
        answers(none, Kind.GET, KIB, 10);
        assertThat(none.begin(Kind.GET, KIB, 0)).isEmpty();
    }

    @Test
    void whatWasNotUsedIsNotSavedUpForLong() {
        HedgePolicy policy = policy(0.5);
        answers(policy, Kind.GET, KIB, 10);
        for (int i = 0; i < 1000; i++) {
            var _ = policy.begin(Kind.GET, KIB, 0);
        }
        int hedges = 0;
        while (policy.takeShare()) {
            hedges++;
        }
        assertThat(hedges).isEqualTo(4);
    }

    @Test
    void bodiesTakeBoundedRoom() {
        HedgePolicy policy = policy(1);
        answers(policy, Kind.GET, 101 * KIB, 10);
        assertThat(policy.begin(Kind.GET, 101 * KIB, 0)).isEmpty();
        assertThat(policy.begin(Kind.GET, 100 * KIB, 200 * KIB)).isPresent();
        assertThat(policy.begin(Kind.GET, 100 * KIB, 200 * KIB)).isPresent();
        assertThat(policy.begin(Kind.GET, 100 * KIB, 1)).isEmpty();
        policy.giveBack(200 * KIB);
        assertThat(policy.begin(Kind.GET, 100 * KIB, 200 * KIB)).isPresent();
    }

    @Test
    void aStoreThatHasTooManyRequestsGetsNoSecondOnes() {
        HedgePolicy policy = policy(1);
        answers(policy, Kind.GET, KIB, 10);
        policy.failed(new ObjectStoreException(Outlook.RETRYABLE, "lost"));
        assertThat(policy.begin(Kind.GET, KIB, 0)).isPresent();
        policy.failed(new ObjectStoreException(Outlook.THROTTLED, "slow down"));
        assertThat(policy.begin(Kind.GET, KIB, 0)).isEmpty();
        assertThat(policy.takeShare()).isFalse();
        nanos.addAndGet(10_000 * MILLI);
        assertThat(policy.begin(Kind.GET, KIB, 0)).isPresent();
    }

    /** A put that nobody answered ends after a timeout, which tells nothing of those that are. */
    @Test
    void aTimeoutIsNotHowLongPutsTake() {
        HedgePolicy policy = policy(1);
        var unknown = new PutOutcome.Unknown("no answer");
        answers(policy, Kind.PUT, KIB, 10);
        for (int i = 0; i < 256; i++) {
            policy.ended(Kind.PUT, KIB, unknown, 900 * MILLI);
        }
        assertThat(policy.begin(Kind.PUT, KIB, 0).orElseThrow())
                .isBetween(Duration.ofMillis(10), Duration.ofMillis(13));
    }

    @Test
    void aPutThatIsUnknownForThrottlingIsThrottlingToo() {
        HedgePolicy policy = policy(1);
        answers(policy, Kind.PUT, KIB, 10);
        var slowDown = new PutOutcome.Unknown("slow down", PutOutcome.Unknown.Why.THROTTLED);
        policy.ended(Kind.PUT, KIB, slowDown, 2 * MILLI);
        assertThat(policy.begin(Kind.PUT, KIB, 0)).isEmpty();
        assertThat(policy.takeShare()).isFalse();
        nanos.addAndGet(10_000 * MILLI);
        assertThat(policy.begin(Kind.PUT, KIB, 0)).isPresent();
    }
}
