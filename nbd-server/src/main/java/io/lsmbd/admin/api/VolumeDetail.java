package io.lsmbd.admin.api;

/**
 * A volume from inside.
 *
 * @param epoch number of the current writer
 * @param writer process of the current writer
 * @param checkpointSegment the segment that the stored map reflects
 * @param committedSegment the newest segment in the store
 * @param liveSectors sectors of segments that the map refers to
 * @param deadSectors sectors of segments that it does not
 */
public record VolumeDetail(
        VolumeInfo volume,
        long epoch,
        String writer,
        long checkpointSegment,
        long committedSegment,
        long liveSectors,
        long deadSectors,
        Positions positions) {

    /** How far the volume's order of writes has got: appended &ge; committed. */
    public record Positions(long appendedLsn, long committedLsn) {}
}
