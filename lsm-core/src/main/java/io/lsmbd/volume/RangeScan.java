package io.lsmbd.volume;

import io.lsmbd.error.StorageException;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.model.Sectors;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.index.ExtentList;
import io.lsmbd.wal.index.WalIndex;

/**
 * Walks over what the real maps know of a range, the WAL index first, as in reads: a commit moves
 * records into the map, never out of it. Emptiness costs next to nothing; where there is very much,
 * the walk ends early.
 */
final class RangeScan {
    /** Extents that one look into a map brings. */
    private static final int MAX_FOUND = 1024;

    /** Extents after which it is enough, some tens of milliseconds. */
    static final int ENOUGH = 1 << 18;

    /** Is told of adjoining parts of the range, in order, up to the range's end at most. */
    interface Sink {
        /** Whether the walk is to go on. */
        boolean isWanted();

        void hole(long fromLba, long toLba);

        void inLog(long fromLba, long toLba);

        void inSegment(long fromLba, long toLba, long segment, int address);
    }

    private final WalIndex index;
    private final ExtentMap map;
    private final ExtentList records = new ExtentList();
    private final MapRuns runs = new MapRuns(MAX_FOUND);
    private final int enough;
    private int lookedAt;

    /** Ends early once it has looked at {@code enough} extents. */
    RangeScan(WalIndex index, ExtentMap map, int enough) {
        this.index = index;
        this.map = map;
        this.enough = enough;
    }

    /** Walks over the sectors that the bytes lie in. */
    void walk(long offsetBytes, long lengthBytes, Sink sink) throws StorageException {
        if (lengthBytes == 0) {
            return;
        }
        long at = offsetBytes >> Sectors.SHIFT;
        long end = ((offsetBytes + lengthBytes - 1) >> Sectors.SHIFT) + 1;
        while (at < end && goesOn(sink)) {
            records.clear();
            long known = index.lookup(at, end - at, MAX_FOUND, records);
            at = walkRecords(at, sink);
            at = walkMap(at, known, sink);
        }
    }

    private boolean goesOn(Sink sink) {
        return lookedAt < enough && sink.isWanted();
    }

    /** Returns how far it came: behind the last record. */
    private long walkRecords(long lba, Sink sink) throws StorageException {
        long at = lba;
        for (int i = 0; i < records.size(); i++) {
            at = walkMap(at, records.lba(i), sink);
            if (at < records.lba(i)) {
                return at;
            }
            long end = at + records.sectors(i);
            if (WalLocation.isHole(records.location(i))) {
                sink.hole(at, end);
            } else {
                sink.inLog(at, end);
            }
            lookedAt++;
            at = end;
        }
        return at;
    }

    /** Returns how far it came: to {@code end}, or as far as it was wanted. */
    private long walkMap(long lba, long end, Sink sink) throws StorageException {
        long at = lba;
        while (at < end && goesOn(sink)) {
            map.lookup(at, end - at, runs);
            for (int i = 0; i < runs.count(); i++) {
                sink.hole(at, runs.lba(i));
                at = runs.lba(i) + runs.sectors(i);
                sink.inSegment(runs.lba(i), at, runs.segment(i), runs.address(i));
            }
            sink.hole(at, runs.coveredEnd());
            at = runs.coveredEnd();
            lookedAt += runs.count();
        }
        return at;
    }
}
