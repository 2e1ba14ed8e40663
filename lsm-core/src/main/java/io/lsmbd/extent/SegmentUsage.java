package io.lsmbd.extent;

/**
 * How much of a segment is still mapped.
 *
 * @param totalSectors data sectors that the segment was committed with
 * @param liveSectors those of them that the map leads to
 * @param storedBytes what its data takes in the bucket
 */
public record SegmentUsage(long segment, int totalSectors, int liveSectors, long storedBytes) {
    static final long MAX_STORED_BYTES = 0xffff_ffffL;

    public SegmentUsage {
        if (segment < 0
                || segment > MapPage.MAX_SEGMENT
                || liveSectors < 0
                || liveSectors > totalSectors
                || storedBytes < 0
                || storedBytes > MAX_STORED_BYTES) {
            throw new IllegalArgumentException(
                    "no such usage: segment=%d live=%d total=%d stored=%d"
                            .formatted(segment, liveSectors, totalSectors, storedBytes));
        }
    }
}
