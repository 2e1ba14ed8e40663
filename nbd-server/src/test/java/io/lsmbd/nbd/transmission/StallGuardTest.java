package io.lsmbd.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.wire.HeaderStyle;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StallGuardTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private long now = 1_000 * SECOND;
    private final StallGuard guard = new StallGuard(new StallLimits(LIMIT, LIMIT), () -> now);
    private final Request request = new Request(HeaderStyle.COMPACT);

    private boolean isPayloadStalled(int seconds, long arrivedBytes) {
        now += seconds * SECOND;
        return guard.isPayloadStalled(request, arrivedBytes, false);
    }

    private boolean areRepliesStalled(int seconds, long sentBytes) {
        now += seconds * SECOND;
        return guard.areRepliesStalled(sentBytes);
    }

    @Test
    void aPayloadMayStopForTheLimitAndNoLonger() {
        request.startNanos = now + SECOND;
        assertThat(isPayloadStalled(2, 100)).isFalse();
        assertThat(isPayloadStalled(8, 100)).isFalse();
        assertThat(isPayloadStalled(1, 100)).isTrue();
    }

    @Test
    void aPayloadThatTricklesIsStalledToo() {
        request.startNanos = now;
        assertThat(isPayloadStalled(9, 900)).isFalse();
        assertThat(isPayloadStalled(1, 1000)).isTrue();
    }

    @Test
    void aPayloadThatMovesMayTakeAsLongAsItLikes() {
        request.startNanos = now;
        for (int i = 1; i < 100; i++) {
            assertThat(isPayloadStalled(9, (long) i * StallLimits.LEAST_BYTES)).isFalse();
        }
    }

    @Test
    void whoIsInTheWayHasToBeQuicker() {
        request.startNanos = now;
        long mib = 1 << 20;
        now += SECOND - 1;
        assertThat(guard.isPayloadStalled(request, 0, true)).isFalse();
        now += SECOND - 1;
        assertThat(guard.isPayloadStalled(request, mib, true)).isFalse();
        now += SECOND;
        assertThat(guard.isPayloadStalled(request, 2 * mib - 1, true)).isTrue();
        assertThat(guard.isPayloadStalled(request, 2 * mib - 1, false)).isFalse();
    }

    @Test
    void eachPayloadHasItsOwnTime() {
        for (int i = 0; i < 10; i++) {
            request.startNanos = now + SECOND;
            assertThat(isPayloadStalled(9, 100)).isFalse();
        }
    }

    @Test
    void whileWeDoNotReadNobodyIsToBlame() {
        request.startNanos = now;
        assertThat(isPayloadStalled(5, 100)).isFalse();
        now += 100 * SECOND;
        guard.reading();
        assertThat(isPayloadStalled(9, 100)).isFalse();
        assertThat(isPayloadStalled(1, 100)).isTrue();
    }

    @Test
    void repliesMayWaitForTheLimitAndNoLonger() {
        guard.unsent(4096);
        assertThat(areRepliesStalled(9, 100)).isFalse();
        assertThat(areRepliesStalled(1, 100)).isTrue();
    }

    @Test
    void whoHasReadAllRepliesHasTimeAgain() {
        guard.unsent(4096);
        assertThat(areRepliesStalled(9, 100)).isFalse();
        guard.unsent(0);
        assertThat(areRepliesStalled(9, 100)).isFalse();
        guard.unsent(4096);
        assertThat(areRepliesStalled(9, 200)).isFalse();
        assertThat(areRepliesStalled(1, 200)).isTrue();
    }

    @Test
    void looksAreSeldomButOftenEnough() {
        assertThat(guard.period()).isEqualTo(Duration.ofMillis(2500));
        StallLimits patient = new StallLimits(Duration.ofHours(1), Duration.ofHours(1));
        assertThat(new StallGuard(patient, () -> now).period()).isEqualTo(Duration.ofSeconds(5));
    }
}
