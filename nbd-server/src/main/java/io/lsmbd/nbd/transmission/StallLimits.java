package io.lsmbd.nbd.transmission;

import java.time.Duration;

/**
 * How long a client may stand still where the next step is its own. It has to move {@link
 * #LEAST_BYTES}, or all that is left, in that time: slower ones are of no use as disks.
 *
 * @param payload in the middle of a payload that it sends
 * @param replies without reading replies that wait for it
 */
public record StallLimits(Duration payload, Duration replies) {
    public static final int LEAST_BYTES = 64 << 10;

    /** Of a payload for which others wait. */
    static final int LEAST_BYTES_IN_THE_WAY = 1 << 20;

    private static final int TIMES_QUICKER = 10;

    public static final StallLimits STANDARD =
            new StallLimits(Duration.ofMinutes(1), Duration.ofMinutes(1));

    public StallLimits {
        if (!payload.isPositive() || !replies.isPositive()) {
            throw new IllegalArgumentException("no time at all: %s %s".formatted(payload, replies));
        }
    }

    /** For {@link #LEAST_BYTES_IN_THE_WAY} of a payload for which others wait. */
    Duration payloadInTheWay() {
        return payload.dividedBy(TIMES_QUICKER);
    }
}
