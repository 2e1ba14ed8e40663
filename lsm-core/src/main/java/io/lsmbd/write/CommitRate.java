package io.lsmbd.write;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How fast a volume's segments commit: what the last twenty seconds or so brought, divided by the
 * time that they took. Uploads that ran side by side commit together, in order, so a single
 * interval tells nothing; only sums do. One task records, any may read.
 */
final class CommitRate {
    /** What is older than this counts for a third. */
    private static final double MEMORY_SECONDS = 20;

    /** An outage is not a rate: what comes after it is not to be measured by how long it was. */
    private static final double LONGEST_INTERVAL_SECONDS = 20;

    private static final double ASSUMED_SECONDS = 10;

    private static final Rate LEAST = new Rate(1 << 20, 1 << 8);

    /** Of payload and of records; both positive. */
    record Rate(double bytesPerSecond, double recordsPerSecond) {}

    // of the recording task
    private double bytes;
    private double records;
    private double seconds;

    private volatile @Nullable Rate rate;

    /**
     * @param nanos how long the store had nothing else to commit than this
     * @param assumed so far, if nothing has told the rate yet: as if for ten seconds
     */
    void committed(long moreBytes, long moreRecords, long nanos, Rate assumed) {
        if (rate == null) {
            seconds = ASSUMED_SECONDS;
            bytes = assumed.bytesPerSecond * ASSUMED_SECONDS;
            records = assumed.recordsPerSecond * ASSUMED_SECONDS;
        }
        double interval =
                Math.min(LONGEST_INTERVAL_SECONDS, nanos / (double) TimeUnit.SECONDS.toNanos(1));
        double kept = Math.exp(-interval / MEMORY_SECONDS);
        bytes = bytes * kept + moreBytes;
        records = records * kept + moreRecords;
        seconds = Math.max(seconds * kept + interval, 1e-6);
        rate =
                new Rate(
                        Math.max(LEAST.bytesPerSecond, bytes / seconds),
                        Math.max(LEAST.recordsPerSecond, records / seconds));
    }

    /** Null while nothing has told it. */
    @Nullable Rate now() {
        return rate;
    }
}
