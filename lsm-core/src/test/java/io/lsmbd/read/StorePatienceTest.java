package io.lsmbd.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.error.StorageException;
import io.lsmbd.write.SimulatedTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StorePatienceTest {
    private static boolean always() {
        return true;
    }

    private final SimulatedTime time = new SimulatedTime(_ -> onTime());
    private boolean isGivenUp;
    private boolean isGone;

    /** When the volume is closed, or the reader has gone; never if zero. */
    private Duration closed = Duration.ZERO;

    private Duration gone = Duration.ZERO;
    private int attempts;

    private void onTime() {
        isGivenUp |= closed.isPositive() && now().compareTo(closed) >= 0;
        isGone |= gone.isPositive() && now().compareTo(gone) >= 0;
    }

    private StorePatience patience(Duration atMost) {
        return new StorePatience(time, atMost, () -> isGivenUp);
    }

    private Duration now() {
        return Duration.ofNanos(time.nanoClock().nanos());
    }

    /** A store that is away until then. */
    private StorePatience.Attempt awayUntil(Duration end) {
        return () -> {
            attempts++;
            if (now().compareTo(end) < 0) {
                throw new ObjectStoreException(Outlook.RETRYABLE, "away");
            }
            return true;
        };
    }

    @Test
    void aReadIsRepeatedUntilTheStoreIsBack() throws StorageException {
        Duration end = Duration.ofMinutes(50);

        assertThat(patience(Duration.ofHours(1)).insist(awayUntil(end), StorePatienceTest::always))
                .isTrue();
        assertThat(now()).isBetween(end, end.plusSeconds(2));
        assertThat(attempts).isBetween(1500, 3100);
    }

    @Test
    void itFailsOnceThatHasTakenTooLong() {
        StorePatience.Attempt never = awayUntil(Duration.ofDays(1));

        assertThatThrownBy(() ->
                        patience(Duration.ofMinutes(1)).insist(never, StorePatienceTest::always))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessage("away");
        assertThat(now()).isBetween(Duration.ofSeconds(57), Duration.ofMinutes(1));
    }

    @Test
    void withoutPatienceThereIsOneAttempt() {
        assertThatThrownBy(() ->
                        patience(Duration.ZERO)
                                .insist(awayUntil(Duration.ofDays(1)), StorePatienceTest::always))
                .isInstanceOf(ObjectStoreException.class);
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void whatIsCertainIsNotRepeated() {
        StorePatience.Attempt absent =
                () -> {
                    attempts++;
                    throw new ObjectStoreException(Outlook.NOT_FOUND, "absent");
                };

        assertThatThrownBy(() ->
                        patience(Duration.ofHours(1)).insist(absent, StorePatienceTest::always))
                .hasMessage("absent");
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void nobodyWaitsForAVolumeThatIsClosed() {
        isGivenUp = true;

        assertThatThrownBy(() ->
                        patience(Duration.ofHours(1))
                                .insist(awayUntil(Duration.ofDays(1)), StorePatienceTest::always))
                .hasMessage("away");
        assertThat(attempts).isEqualTo(1);
    }

    /** Both happen in the pause after the second attempt, which is 50 to 100 ms long. */
    @Test
    void afterAPauseItIsAskedAgainWhetherAnybodyWaits() {
        StorePatience.Attempt never = awayUntil(Duration.ofDays(1));

        gone = Duration.ofMillis(60);
        assertThatThrownBy(() -> patience(Duration.ofHours(1)).insist(never, () -> !isGone))
                .hasMessage("away");
        assertThat(attempts).isEqualTo(2);
        assertThat(now()).isBetween(gone, Duration.ofMillis(150));

        attempts = 0;
        closed = now().plusMillis(60);
        assertThatThrownBy(() ->
                        patience(Duration.ofHours(1)).insist(never, StorePatienceTest::always))
                .hasMessage("away");
        assertThat(attempts).isEqualTo(2);
        assertThat(now()).isBetween(closed, closed.plusMillis(100));
    }
}
