package io.lsmbd.wal;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.model.VolumeId;
import java.util.List;
import java.util.Optional;

/**
 * What is in a log's directory, for inspection.
 *
 * @param files those that the log runs through up to its end, oldest first; where it is damaged, up
 *     to the damaged one. Which records are committed is not known here, so every volume with
 *     records in a file counts as pinning it
 * @param usedBytes full size of these files, of the last one the part that is used
 * @param filesAhead further files of the log: prepared and unused, or behind the damage
 * @param filesDropped files beside the log, whose records an earlier recovery gave up
 * @param volumes what each volume has in these files
 * @param end where the log ends; absent if it is damaged
 * @param syncedPosition everything before it is known to be on disk
 * @param close how the log was left
 * @param boot whether the running kernel wrote it
 * @param possibleLoss what the next opening would find
 * @param damage why the log cannot be opened; then nothing behind it was looked at
 */
public record WalReport(
        String directory,
        List<WalFileInfo> files,
        long usedBytes,
        int filesAhead,
        int filesDropped,
        List<Part> volumes,
        Optional<End> end,
        long syncedPosition,
        Close close,
        Boot boot,
        WalRecovery.PossibleLoss possibleLoss,
        Optional<CorruptDataException> damage) {
    public WalReport {
        files = List.copyOf(files);
        volumes = List.copyOf(volumes);
    }

    /** How the log was left. */
    public enum Close {
        CLEAN,
        /** A daemon uses it, or ended without closing it. */
        NOT_CLOSED
    }

    /** Which kernel wrote the newest file. */
    public enum Boot {
        /** The running one: its page cache holds what was not synced. */
        SAME,
        OTHER
    }

    /**
     * What one volume has in the log, copies and records that segments hold included.
     *
     * @param bytes of headers and payloads
     */
    public record Part(
            VolumeId volume,
            long records,
            long bytes,
            long firstLsn,
            long lastLsn,
            long firstEpoch,
            long lastEpoch) {}

    /**
     * Where the log ends.
     *
     * @param offset in the file
     * @param reason what is there instead of a record
     * @param tornBytes from there to the last trace of a record
     * @param recordsBehind intact records behind a torn one, which recovery would give up
     */
    public record End(
            String file,
            long offset,
            long position,
            String reason,
            long tornBytes,
            long recordsBehind) {}
}
