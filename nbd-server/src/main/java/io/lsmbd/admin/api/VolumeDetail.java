package io.lsmbd.admin.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A volume from inside.
 *
 * @param epoch number of the current writer
 * @param writer process of the current writer
 * @param lease absent once the writer has detached cleanly
 * @param checkpointSegment the segment that the stored map reflects
 * @param committedSegment the newest segment in the store
 * @param liveSectors sectors of segments that the map refers to
 * @param deadSectors sectors of segments that it does not
 * @param log without a daemon, and only if a log was looked into
 * @param segments only if asked for, in commit order
 */
public record VolumeDetail(
        VolumeInfo volume,
        long epoch,
        String writer,
        @Nullable LeaseInfo lease,
        long checkpointSegment,
        long committedSegment,
        long liveSectors,
        long deadSectors,
        Positions positions,
        @Nullable LogPart log,
        @Nullable List<SegmentSpace> segments) {
    public VolumeDetail {
        segments = segments == null ? null : List.copyOf(segments);
    }

    /** The writer lives as long as renewals go on counting; one with nothing to write is silent. */
    public record LeaseInfo(long durationMillis, long renewals) {}

    /** How far the volume's order of writes has got: appended &ge; committed. */
    public record Positions(long appendedLsn, long committedLsn) {}

    /**
     * What the log holds beyond the segments.
     *
     * @param bytes of payload
     * @param firstLsn absent without records
     * @param leftOver records from before another host had the volume, which are never replayed
     */
    public record LogPart(
            long records,
            long bytes,
            @Nullable Long firstLsn,
            @Nullable Long lastLsn,
            long leftOver) {}

    /** How much of a segment's data the map still refers to, and what it takes in the store. */
    public record SegmentSpace(
            long number, long totalSectors, long liveSectors, long storedBytes) {}
}
