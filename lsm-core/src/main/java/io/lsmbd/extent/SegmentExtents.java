package io.lsmbd.extent;

/**
 * A committed segment's extent table: runs of the volume, in LBA order, none overlapping another.
 * Indexes are {@code [0, count())}. Read by one thread at a time; does not change meanwhile.
 */
public interface SegmentExtents {
    int count();

    long lba(int index);

    /** At least 1; a hole may span the whole volume. */
    long sectors(int index);

    /** Whether the run is unmapped (trimmed or zeroed) rather than written. */
    boolean isHole(int index);

    /** Where the run's first sector is in the segment's uncompressed space; not for holes. */
    int address(int index);

    /** The size of the segment's object, at least 1. */
    long storedBytes();
}
