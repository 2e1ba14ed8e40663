package io.lsmbd.objectstore.probe;

import java.time.Duration;

/**
 * How hard a store is tried.
 *
 * @param writers that race for one object, 2 to 64
 * @param rounds of each race, 1 to 10,000
 * @param patience after which a check begins no further round
 */
public record ProbeConfig(int writers, int rounds, Duration patience) {
    public static final ProbeConfig DEFAULT = new ProbeConfig(16, 200, Duration.ofSeconds(60));

    private static final int MAX_WRITERS = 64;
    private static final int MAX_ROUNDS = 10_000;

    public ProbeConfig {
        if (writers < 2 || writers > MAX_WRITERS) {
            throw new IllegalArgumentException(
                    "2 to %d writers can race, not %d".formatted(MAX_WRITERS, writers));
        }
        if (rounds < 1 || rounds > MAX_ROUNDS) {
            throw new IllegalArgumentException(
                    "a race has 1 to %d rounds, not %d".formatted(MAX_ROUNDS, rounds));
        }
        if (!patience.isPositive()) {
            throw new IllegalArgumentException("patience must be positive: " + patience);
        }
    }
}
