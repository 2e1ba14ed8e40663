package io.lsmbd.write;

import io.lsmbd.wal.Lineage;
import io.lsmbd.wal.WalKind;
import io.lsmbd.wal.WalRecords;

/**
 * What the log holds beyond the segments: {@code records} from index {@code from} on, in LSN order,
 * whole requests.
 *
 * @param lineage what is to become of the records before these that no segment holds
 */
public record Replay(WalRecords records, int from, Lineage lineage) {
    public int size() {
        return records.size() - from;
    }

    /** Whether a request of several records begins with this one. */
    boolean beginsRequest(int index) {
        return records.continues(index) && (index == from || !records.continues(index - 1));
    }

    /** How many records the request has that begins with this one. */
    int requestRecords(int index) {
        int last = index;
        while (records.continues(last)) {
            last++;
        }
        return last - index + 1;
    }

    /** Sectors of payload in the request that begins with this record. */
    long requestSectors(int index) {
        long sectors = 0;
        int end = index + requestRecords(index);
        for (int i = index; i < end; i++) {
            sectors += records.kind(i) == WalKind.WRITE ? records.sectors(i) : 0;
        }
        return sectors;
    }
}
