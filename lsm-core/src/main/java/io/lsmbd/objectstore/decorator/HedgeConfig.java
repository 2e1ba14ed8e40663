package io.lsmbd.objectstore.decorator;

import io.lsmbd.model.DataSize;
import java.time.Duration;

/**
 * When a request is sent a second time although the first is still on its way.
 *
 * @param share the most second requests, of all requests that could have one; 0 is none at all
 * @param atLeast no second request earlier than this after the first, however fast the store is
 * @param atMost and none later, however slow it was
 * @param largest a longer body is never asked for or sent twice: its time is the line's, which two
 *     would share
 * @param copies what all bodies in our own buffers may take; while that is in use, requests go
 *     without a second one
 */
public record HedgeConfig(
        double share, Duration atLeast, Duration atMost, DataSize largest, DataSize copies) {
    public HedgeConfig {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a share of " + share);
        }
        if (!atLeast.isPositive() || atLeast.compareTo(atMost) > 0) {
            throw new IllegalArgumentException("between %s and %s".formatted(atLeast, atMost));
        }
        if (largest.bytes() > copies.bytes() / 2) {
            throw new IllegalArgumentException(
                    "two bodies of %s do not fit into %s".formatted(largest, copies));
        }
    }

    /** With that share, and what is right for stores across a network. */
    public static HedgeConfig ofShare(double share) {
        return new HedgeConfig(
                share,
                Duration.ofMillis(5),
                Duration.ofSeconds(10),
                DataSize.ofMebibytes(1),
                DataSize.ofMebibytes(8));
    }
}
