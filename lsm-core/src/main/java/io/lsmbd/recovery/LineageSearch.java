package io.lsmbd.recovery;

import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.SegmentHeader;
import io.lsmbd.segment.SegmentKind;
import io.lsmbd.segment.SegmentReader;
import io.lsmbd.wal.Lineage;
import io.lsmbd.wal.WalRecords;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of the records that a log has from before another host had the volume which of them
 * segments hold; the log may forget those, and has to keep the others.
 *
 * <p>Epochs of the log that follow each other are a chain: each replayed what the one before had
 * not uploaded. The first segment after a chain is the next writer's fence, which names the last
 * record that was committed. It is found by halving, in a few requests however large the volume is.
 * Where it is not, the log has to keep them all: better one too many, as in {@link LeftOver}.
 */
final class LineageSearch {
    private static final Logger LOG = LoggerFactory.getLogger(LineageSearch.class);

    /** Only so many chains are looked for, the newest: a volume may have gone to and fro a lot. */
    private static final int MAX_CHAINS = 16;

    private final SegmentReader reader;
    private final VolumeId volume;
    private final SegmentWalk.End end;
    private int chains;

    /**
     * What was found.
     *
     * @param recordsLeftOver that no segment holds, or may hold for all that is known
     */
    record Found(Lineage lineage, long recordsLeftOver) {}

    /** {@code end}: of the walk that closed the numbers for all older writers. */
    LineageSearch(ObjectStore store, VolumeId volume, SegmentWalk.End end) {
        this.reader = new SegmentReader(store);
        this.volume = volume;
        this.end = end;
    }

    /**
     * Blocks on the store if there are such records.
     *
     * @param count of those in {@code all} whose epoch is before {@code since}; they are first
     */
    Found find(WalRecords all, int count, long since) {
        Map<Long, Long> held = new HashMap<>();
        long left = 0;
        long newer = Long.MAX_VALUE; // epoch; none at first
        long committed = 0;
        for (int i = count - 1; i >= 0; ) {
            long epoch = all.epoch(i);
            if (epoch + 1 != newer) {
                committed = committedAfter(epoch);
            }
            // Beyond its last whole request an epoch may have the beginning of one: nobody's.
            held.put(epoch, all.lsn(i) <= committed ? Long.MAX_VALUE : committed);
            for (; i >= 0 && all.epoch(i) == epoch; i--) {
                left += all.lsn(i) > committed ? 1 : 0;
            }
            newer = epoch;
        }
        return new Found(new Lineage(since, held), left);
    }

    /** The last record that segments of this epoch and all before hold; 0 if it is unknown. */
    private long committedAfter(long epoch) {
        if (++chains > MAX_CHAINS) {
            return 0;
        }
        try {
            return search(epoch);
        } catch (StorageException e) {
            LOG.warn(
                    "not known what segments hold of a volume's older records, the log keeps them"
                            + " volume={} epoch={} reason={}",
                    volume,
                    epoch,
                    e.getMessage());
            return 0;
        }
    }

    /**
     * Just behind the fence, numbers may be orphans of an older epoch. Halving may end at any of
     * them: up to the first number behind them nothing was committed after the fence.
     */
    private long search(long epoch) throws StorageException {
        long committed = end.lastLsn();
        long older = 0;
        long younger = end.lastSegment() + 1;
        while (younger - older > 1) {
            long middle = older + (younger - older) / 2;
            SegmentHeader header = reader.readHeader(ObjectKey.segment(volume, middle));
            if (header.identity().epoch() > epoch) {
                younger = middle;
                committed =
                        header.kind() == SegmentKind.FENCE
                                ? header.identity().lastLsn()
                                : header.identity().firstLsn() - 1;
            } else {
                older = middle;
            }
        }
        return committed;
    }
}
