package io.lsmbd.write;

import java.time.Duration;

/**
 * How near a volume is to what it may have of the log, at one moment.
 *
 * @param fullness of the bound that is nearer; 1: writes wait until something commits
 * @param bound which that is
 * @param waitingWrites that are held back just now
 * @param waited by all writes together since the volume was attached
 */
public record Pressure(double fullness, Bound bound, int waitingWrites, Duration waited) {
    /** Writes of a volume that is fuller than this are slowed down. */
    public static final double WATERMARK = 0.75;

    /** What is bounded. */
    public enum Bound {
        /** Payload in the log. */
        BYTES,
        /** Entries in the memory of the WAL index: where writes are small, that is full sooner. */
        RECORDS
    }

    public boolean isSlowing() {
        return fullness > WATERMARK;
    }
}
