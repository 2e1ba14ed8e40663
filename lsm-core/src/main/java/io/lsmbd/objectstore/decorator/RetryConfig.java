package io.lsmbd.objectstore.decorator;

import java.time.Duration;

/**
 * How long a request is tried again.
 *
 * @param deadline no new attempt begins later than this after the first one began
 * @param firstPause the longest wait before the second attempt; doubles with each further one
 * @param maxPause the most that a wait grows to
 */
public record RetryConfig(Duration deadline, Duration firstPause, Duration maxPause) {
    public static final RetryConfig DEFAULT =
            new RetryConfig(Duration.ofSeconds(30), Duration.ofMillis(50), Duration.ofSeconds(5));

    public RetryConfig {
        if (deadline.isNegative() || !firstPause.isPositive()) {
            throw new IllegalArgumentException(
                    "deadline "
                            + deadline
                            + " and first pause "
                            + firstPause
                            + " must be positive");
        }
        if (maxPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    "max pause " + maxPause + " is shorter than the first, " + firstPause);
        }
    }

    /** The longest wait after that many failed attempts. */
    Duration pauseAfter(int failures) {
        Duration pause = firstPause;
        for (int i = 1; i < failures && pause.compareTo(maxPause) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(maxPause) < 0 ? pause : maxPause;
    }
}
