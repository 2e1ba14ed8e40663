package io.lsmbd.recovery;

/**
 * What an attach did.
 *
 * @param segmentsRead after the checkpoint
 * @param segmentsApplied of these, to the extent map; the local index had the others
 * @param recordsReplayed from the log
 * @param recordsLeftOver in the log from before another host had the volume, and in no segment for
 *     all that is known: kept, never replayed
 */
public record RecoveryReport(
        long epoch,
        long checkpointSegment,
        long fenceSegment,
        int segmentsRead,
        int segmentsApplied,
        long recordsReplayed,
        long recordsLeftOver,
        long nanos) {}
