package io.lsmbd.recovery;

import java.time.Duration;

/**
 * Who attaches, and how.
 *
 * @param directory identity of our data directory, whose WAL is replayed
 * @param uploadWindow how many segments we may have under way beyond the first that is missing
 * @param lease how long a silent writer counts as alive
 */
public record AttachConfig(String directory, int uploadWindow, Duration lease) {
    public AttachConfig {
        if (lease.isNegative() || lease.isZero()) {
            throw new IllegalArgumentException("a lease must last: " + lease);
        }
    }
}
