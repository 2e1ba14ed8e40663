package io.lsmbd.write;

import io.lsmbd.wal.WalRecords;

/**
 * What the log holds beyond the segments: {@code records} from index {@code from} on, in LSN order.
 */
public record Replay(WalRecords records, int from) {
    public int size() {
        return records.size() - from;
    }
}
