package io.lsmbd.objectstore.decorator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StoreHealthTest {
    private long nowNanos;
    private final StoreHealth health = new StoreHealth(() -> nowNanos);

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    private void fail(String reason) {
        health.failed(health.begin("put x", 0), reason);
    }

    @Test
    void aFailureNowAndThenIsNoTrouble() {
        fail("busy");
        pass(Duration.ofMinutes(1));

        assertThat(health.trouble()).isEmpty();
        assertThat(health.sinceSuccess()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void failuresWithoutASuccessForTwoSecondsAre() {
        fail("refused");
        pass(Duration.ofMillis(1999));
        fail("refused");
        assertThat(health.trouble()).isEmpty();
        pass(Duration.ofMillis(1));
        fail("refused again");
        pass(Duration.ofSeconds(3));

        assertThat(health.trouble())
                .contains(new StoreHealth.Trouble(Duration.ofSeconds(5), "refused again"));
    }

    @Test
    void anySuccessEndsIt() {
        StoreHealth.Attempt slow = health.begin("get y", 0);
        fail("refused");
        pass(Duration.ofSeconds(3));
        fail("refused");
        assertThat(health.trouble()).isPresent();
        health.succeeded(slow);

        assertThat(health.trouble()).isEmpty();
        assertThat(health.sinceSuccess()).isZero();
        assertThat(health.isIdle()).isTrue();
    }

    @Test
    void noAnswerForFourSecondsIsTroubleToo() {
        StoreHealth.Attempt hanging = health.begin("get manifest", 0);
        pass(Duration.ofMillis(3999));
        assertThat(health.trouble()).isEmpty();
        pass(Duration.ofMillis(1));

        assertThat(health.trouble())
                .contains(
                        new StoreHealth.Trouble(
                                Duration.ofSeconds(4), "no answer to get manifest"));
        assertThat(health.isIdle()).isFalse();
        health.succeeded(hanging);
        assertThat(health.trouble()).isEmpty();
    }

    @Test
    void aLargeObjectMayTakeLonger() {
        StoreHealth.Attempt large = health.begin("put segment", 32 << 20);
        pass(Duration.ofSeconds(35));
        assertThat(health.trouble()).isEmpty();
        pass(Duration.ofSeconds(1));

        assertThat(health.trouble()).isPresent();
        health.failed(large, "no answer in time");
        assertThat(health.trouble())
                .contains(new StoreHealth.Trouble(Duration.ofSeconds(36), "no answer in time"));
    }

    @Test
    void whileOthersAreAnsweredAHangingRequestIsNotTheStoresTrouble() {
        assertThat(health.begin("put segment", 0)).isNotNull();
        pass(Duration.ofSeconds(10));
        health.succeeded(health.begin("get manifest", 0));

        assertThat(health.trouble()).isEmpty();
    }
}
