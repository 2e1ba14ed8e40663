package io.lsmbd.recovery;

import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Checkpoint;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.SegmentHeader;
import io.lsmbd.segment.SegmentIdentity;
import io.lsmbd.segment.SegmentKind;
import io.lsmbd.segment.SegmentReader;
import io.lsmbd.wal.WalRecords;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What only a log has of a volume that another host took over: records that no committed segment
 * holds and that no attach will replay (DESIGN.md 5).
 *
 * <p>A record is held if a committed segment of its own epoch covers its LSN, or one of a later
 * epoch of the same log, which then replayed it. That a later epoch was this log's is known from
 * records of that epoch, and of all between, in the log; where they are missing, the record counts
 * as left over: better one too many in the hands of a person than one too few.
 */
public final class LeftOver {
    private final WalRecords records;
    private final int count;
    private final Set<Long> epochs = new HashSet<>();

    /** Committed segments by their first LSN; they do not overlap. */
    private final TreeMap<Long, SegmentIdentity> committed = new TreeMap<>();

    private LeftOver(WalRecords records, Manifest manifest) {
        this.records = records;
        this.count = new LoggedRest(records, manifest).leftOver();
        for (int i = 0; i < count; i++) {
            epochs.add(records.epoch(i));
        }
    }

    /**
     * Finds them; reads the head of every segment, one request each. Changes nothing.
     *
     * @param numbers of all segments that the store has of the volume, ascending
     * @return indexes of {@code records}, by epoch, then LSN
     */
    public static List<Integer> find(
            ObjectStore store, Manifest manifest, List<Long> numbers, WalRecords records)
            throws StorageException {
        var leftOver = new LeftOver(records, manifest);
        if (leftOver.count == 0) {
            return List.of();
        }
        Checkpoint checkpoint = manifest.checkpoint();
        long epochSeen = 0;
        long last = checkpoint.segment();
        for (long number : numbers) {
            if (number > checkpoint.segment()) {
                if (number != last + 1) {
                    break; // behind a gap nothing is committed: whoever attaches next closes it
                }
                last = number;
                epochSeen = Math.max(epochSeen, checkpoint.epoch());
            }
            SegmentHeader header =
                    new SegmentReader(store)
                            .readHeader(ObjectKey.segment(manifest.volume(), number));
            SegmentIdentity identity = header.identity();
            boolean isOrphan = identity.epoch() < epochSeen;
            epochSeen = Math.max(epochSeen, identity.epoch());
            if (!isOrphan && header.kind() != SegmentKind.FENCE) {
                leftOver.committed.put(identity.firstLsn(), identity);
            }
        }
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < leftOver.count; i++) {
            if (!leftOver.isHeld(i)) {
                found.add(i);
            }
        }
        return found;
    }

    private boolean isHeld(int index) {
        long lsn = records.lsn(index);
        Map.Entry<Long, SegmentIdentity> entry = committed.floorEntry(lsn);
        if (entry == null || entry.getValue().lastLsn() < lsn) {
            return false;
        }
        long by = entry.getValue().epoch();
        if (by < records.epoch(index)) {
            return false;
        }
        for (long epoch = records.epoch(index); epoch <= by; epoch++) {
            if (!epochs.contains(epoch)) {
                return false;
            }
        }
        return true;
    }
}
