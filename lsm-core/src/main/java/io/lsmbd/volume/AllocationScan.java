package io.lsmbd.volume;

import io.lsmbd.error.StorageException;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.model.Sectors;
import io.lsmbd.volume.AllocationVisitor.Allocation;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.index.ExtentList;
import io.lsmbd.wal.index.WalIndex;

/**
 * Which parts of a range hold data, from the real maps. Goes on in windows that double while there
 * is nothing to see, so that a range of many terabytes of emptiness takes few steps.
 */
final class AllocationScan {
    private static final long FIRST_WINDOW = 1 << 15;
    private static final long LAST_WINDOW = 1L << 36;

    private final WalIndex index;
    private final ExtentMap map;
    private final ExtentList records = new ExtentList();
    private final MapRuns runs = new MapRuns(1024);

    AllocationScan(WalIndex index, ExtentMap map) {
        this.index = index;
        this.map = map;
    }

    void scan(long offsetBytes, long lengthBytes, AllocationVisitor visitor)
            throws StorageException {
        if (lengthBytes == 0) {
            return;
        }
        Merger out = new Merger(visitor, offsetBytes, offsetBytes + lengthBytes);
        long at = offsetBytes >> Sectors.SHIFT;
        long end = ((offsetBytes + lengthBytes - 1) >> Sectors.SHIFT) + 1;
        long window = FIRST_WINDOW;
        while (at < end && out.isWanted()) {
            long sectors = Math.min(window, end - at);
            boolean quiet = scanWindow(at, sectors, out);
            at += sectors;
            window = quiet ? Math.min(window * 2, LAST_WINDOW) : FIRST_WINDOW;
        }
        out.finish();
    }

    /** Returns whether little was found. */
    private boolean scanWindow(long lba, long sectors, Merger out) throws StorageException {
        // The index first, as in reads: a commit moves records into the map, never out of it.
        records.clear();
        index.lookup(lba, sectors, records);
        long at = lba;
        int found = records.size();
        for (int i = 0; i < records.size(); i++) {
            found += fromMap(at, records.lba(i) - at, out);
            long end = records.lba(i) + records.sectors(i);
            boolean hole = WalLocation.isHole(records.location(i));
            out.run(records.lba(i), end, hole ? Allocation.HOLE : Allocation.DATA);
            at = end;
        }
        found += fromMap(at, lba + sectors - at, out);
        return found < 64;
    }

    private int fromMap(long lba, long sectors, Merger out) throws StorageException {
        if (sectors == 0) {
            return 0;
        }
        int found = 0;
        long at = lba;
        long end = lba + sectors;
        while (at < end && out.isWanted()) {
            map.lookup(at, end - at, runs);
            for (int i = 0; i < runs.count(); i++) {
                out.run(at, runs.lba(i), Allocation.HOLE);
                at = runs.lba(i) + runs.sectors(i);
                out.run(runs.lba(i), at, Allocation.DATA);
            }
            out.run(at, runs.coveredEnd(), Allocation.HOLE);
            at = runs.coveredEnd();
            found += runs.count();
        }
        return found;
    }

    /** Joins equal neighbours and clips to the bytes that were asked for. */
    private static final class Merger {
        private final AllocationVisitor visitor;
        private final long endBytes;
        private long fromBytes;
        private long toBytes;
        private Allocation current = Allocation.HOLE;
        private boolean wanted = true;

        Merger(AllocationVisitor visitor, long startBytes, long endBytes) {
            this.visitor = visitor;
            this.fromBytes = startBytes;
            this.toBytes = startBytes;
            this.endBytes = endBytes;
        }

        boolean isWanted() {
            return wanted;
        }

        void run(long fromLba, long toLba, Allocation allocation) {
            long to = Math.min(endBytes, toLba << Sectors.SHIFT);
            if (fromLba == toLba || to <= toBytes) {
                return;
            }
            if (allocation != current) {
                emit();
                current = allocation;
            }
            toBytes = to;
        }

        void finish() {
            emit();
        }

        private void emit() {
            if (wanted && toBytes > fromBytes) {
                wanted = visitor.run(fromBytes, toBytes - fromBytes, current);
            }
            fromBytes = toBytes;
        }
    }
}
