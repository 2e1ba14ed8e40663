package io.lsmbd.wal;

import io.lsmbd.model.VolumeId;
import java.util.List;

/**
 * One file of the log, for inspection.
 *
 * @param firstPosition the log position of the file's first byte
 * @param usedBytes header and records
 * @param pinnedBy volumes with records here that no committed segment holds yet
 */
public record WalFileInfo(
        String name,
        long sequence,
        long firstPosition,
        long usedBytes,
        long records,
        List<VolumeId> pinnedBy) {
    public WalFileInfo {
        pinnedBy = List.copyOf(pinnedBy);
    }
}
