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
import java.util.SortedMap;
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
    private final List<Integer> indexes = new ArrayList<>();

    /** Committed segments by their first LSN; they do not overlap. */
    private final TreeMap<Long, SegmentIdentity> committed = new TreeMap<>();

    /** All up to this is in the checkpoint's segments, of which some may be gone by now. */
    private final Checkpoint checkpoint;

    /**
     * Records that are in no segment and not in the log either, though later ones are.
     *
     * @param epoch of the one behind them
     */
    public record Gap(long epoch, long firstLsn, long lastLsn) {}

    private LeftOver(WalRecords records, Manifest manifest) {
        this.records = records;
        this.checkpoint = manifest.checkpoint();
        this.count = new LoggedRest(records, manifest).leftOver();
        for (int i = 0; i < count; i++) {
            epochs.add(records.epoch(i));
        }
    }

    /**
     * Finds them; reads the head of every segment, one request each. Changes nothing.
     *
     * @param numbers of all segments that the store has of the volume, ascending
     */
    public static LeftOver find(
            ObjectStore store, Manifest manifest, List<Long> numbers, WalRecords records)
            throws StorageException {
        var leftOver = new LeftOver(records, manifest);
        if (leftOver.count == 0) {
            return leftOver;
        }
        Checkpoint checkpoint = leftOver.checkpoint;
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
        for (int i = 0; i < leftOver.count; i++) {
            if (!leftOver.isHeld(records.epoch(i), records.lsn(i))) {
                leftOver.indexes.add(i);
            }
        }
        return leftOver;
    }

    /** Indexes of the records, by epoch, then LSN. */
    public List<Integer> indexes() {
        return List.copyOf(indexes);
    }

    /**
     * Whether a segment certainly holds a record, be it in the log or not. Segments were looked at
     * only if any record is left over.
     */
    public boolean isHeld(long recordEpoch, long lsn) {
        Map.Entry<Long, SegmentIdentity> entry = committed.floorEntry(lsn);
        if (entry == null || entry.getValue().lastLsn() < lsn) {
            return false;
        }
        long by = entry.getValue().epoch();
        return by >= recordEpoch && isThisLogs(recordEpoch, by);
    }

    /** Whether this log has records of every epoch in this range. */
    private boolean isThisLogs(long first, long last) {
        for (long epoch = first; epoch <= last; epoch++) {
            if (!epochs.contains(epoch)) {
                return false;
            }
        }
        return true;
    }

    /**
     * What is missing before records of the log; only a damaged one has such gaps. Segments commit
     * in order, so nothing up to the last LSN that one of them holds, of a record's epoch or one
     * that it built on, is missing.
     *
     * @return by place of the record behind the gap in {@link #indexes}, ascending
     */
    public SortedMap<Integer, Gap> gaps() {
        SortedMap<Integer, Gap> gaps = new TreeMap<>();
        long committedLsn = 0;
        for (int place = 0; place < indexes.size(); place++) {
            int index = indexes.get(place);
            long epoch = records.epoch(index);
            long lsn = records.lsn(index);
            if (place == 0 || records.epoch(indexes.get(place - 1)) != epoch) {
                committedLsn = committedBefore(epoch);
            }
            long covered = Math.max(committedLsn, lastBefore(index));
            if (covered + 1 < lsn) {
                gaps.put(place, new Gap(epoch, covered + 1, lsn - 1));
            }
        }
        return gaps;
    }

    /** The highest LSN below a record's that the log has, of its epoch or an earlier one; or 0. */
    private long lastBefore(int index) {
        if (index > 0 && records.epoch(index - 1) == records.epoch(index)) {
            return records.lsn(index - 1);
        }
        long last = 0;
        for (int i = 0; i < index; i++) {
            last = records.lsn(i) < records.lsn(index) ? Math.max(last, records.lsn(i)) : last;
        }
        return last;
    }

    private long committedBefore(long epoch) {
        long lsn = isBelow(epoch, checkpoint.epoch()) ? checkpoint.lastLsn() : 0;
        for (SegmentIdentity identity : committed.values()) {
            lsn = isBelow(epoch, identity.epoch()) ? Math.max(lsn, identity.lastLsn()) : lsn;
        }
        return lsn;
    }

    private boolean isBelow(long epoch, long by) {
        return by <= epoch || isThisLogs(epoch, by);
    }
}
