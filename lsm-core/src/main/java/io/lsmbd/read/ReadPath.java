package io.lsmbd.read;

import io.lsmbd.cache.FrameCache;
import io.lsmbd.cache.FrameLoader;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.model.Sectors;
import io.lsmbd.segment.FrameTable;
import io.lsmbd.wal.Wal;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.index.ExtentList;
import io.lsmbd.wal.index.WalIndex;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * A volume's reads: WAL index first, extent map for the rest, zeroes where neither has anything.
 * The order matters: a commit enters the map before it leaves the index, so nothing is missed
 * between. The log may recycle a record, and only then, between look-up and read; then all is
 * looked up anew.
 */
public final class ReadPath {
    private static final int FRAME_SECTORS = FrameTable.frameSectors();
    private static final int MAX_RUNS = 4096;

    /** A record is recycled while it is looked up once in a blue moon, never for ever. */
    private static final int MAX_ATTEMPTS = 1000;

    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(64 << 10).asReadOnlyBuffer();

    private final long volume;
    private final Wal wal;
    private final WalIndex index;
    private final ExtentMap map;
    private final FrameCache cache;
    private final FrameTables frameTables;
    private final StorePatience storePatience;
    private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);

    /** Reused by each thread, so that a read of what is in memory allocates nothing. */
    private static final class Scratch {
        final ExtentList wal = new ExtentList();
        final MapRuns runs = new MapRuns(MAX_RUNS);
    }

    /** How far a step may go to get its bytes. */
    private enum Patience {
        MEMORY_ONLY,
        WAIT
    }

    /** What came of a step. */
    private enum Progress {
        DONE,
        MUST_WAIT,
        RECYCLED
    }

    public ReadPath(
            Wal wal,
            WalIndex index,
            ExtentMap map,
            FrameCache cache,
            FrameTables tables,
            StorePatience storePatience) {
        this.volume = tables.volume().value();
        this.wal = wal;
        this.index = index;
        this.map = map;
        this.cache = cache;
        this.frameTables = tables;
        this.storePatience = storePatience;
    }

    /** See {@link io.lsmbd.volume.BlockVolume#readWithoutWaiting}; whole sectors. */
    public boolean readWithoutWaiting(long lba, int sectors, ByteBuffer into, Holes holes)
            throws StorageException {
        return read(lba, sectors, into, holes, Patience.MEMORY_ONLY);
    }

    /**
     * Fills {@code into} with that many sectors and tells what of them are holes; may wait for disk
     * and store, for that only while {@code isWanted}. When it throws, the bytes before the
     * position of {@code into} are right.
     */
    public void read(long lba, int sectors, ByteBuffer into, Holes holes, BooleanSupplier isWanted)
            throws StorageException {
        int start = into.position();
        storePatience.insist(
                () -> {
                    into.position(start);
                    return read(lba, sectors, into, holes, Patience.WAIT);
                },
                isWanted);
    }

    /** As the other, for those who do not care about holes, and wait. */
    public void read(long lba, int sectors, ByteBuffer into) throws StorageException {
        read(lba, sectors, into, Holes.unwanted(), () -> true);
    }

    private boolean read(long lba, int sectors, ByteBuffer into, Holes holes, Patience patience)
            throws StorageException {
        int start = into.position();
        for (int attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
            holes.begin(start);
            Progress progress = attempt(lba, sectors, into, holes, patience);
            if (progress == Progress.DONE) {
                return true;
            }
            into.position(start);
            if (progress == Progress.MUST_WAIT) {
                return false;
            }
        }
        throw new IllegalStateException(
                "the WAL index leads to a record that is gone, %d attempts: lba=%d sectors=%d"
                        .formatted(MAX_ATTEMPTS, lba, sectors));
    }

    private Progress attempt(long lba, int sectors, ByteBuffer into, Holes holes, Patience patience)
            throws StorageException {
        Scratch scratch = scratches.get();
        ExtentList pieces = scratch.wal;
        pieces.clear();
        index.lookup(lba, sectors, pieces);
        long at = lba;
        for (int i = 0; i < pieces.size(); i++) {
            long gap = pieces.lba(i) - at;
            Progress progress = fromMap(at, gap, into, holes, patience, scratch.runs);
            if (progress != Progress.DONE) {
                return progress;
            }
            int length = Math.toIntExact(pieces.sectors(i));
            if (WalLocation.isHole(pieces.location(i))) {
                putHole(into, holes, length);
            } else if (!fromWal(pieces.location(i), length, into)) {
                return Progress.RECYCLED;
            }
            at = pieces.lba(i) + length;
        }
        return fromMap(at, lba + sectors - at, into, holes, patience, scratch.runs);
    }

    private boolean fromWal(long location, int sectors, ByteBuffer into) throws StorageException {
        int limit = into.limit();
        int start = into.position();
        boolean isDone = false;
        into.limit(start + sectors * Sectors.BYTES);
        try {
            isDone = wal.read(location, sectors, into);
            return isDone;
        } finally {
            into.limit(limit);
            if (!isDone) {
                into.position(start);
            }
        }
    }

    private Progress fromMap(
            long lba, long sectors, ByteBuffer into, Holes holes, Patience patience, MapRuns runs)
            throws StorageException {
        if (sectors == 0) {
            return Progress.DONE;
        }
        long at = lba;
        long end = lba + sectors;
        while (at < end) {
            if (patience == Patience.WAIT) {
                map.lookup(at, end - at, runs);
            } else if (!map.tryLookup(at, end - at, runs)) {
                return Progress.MUST_WAIT;
            }
            for (int i = 0; i < runs.count(); i++) {
                putHole(into, holes, runs.lba(i) - at);
                int length = Math.toIntExact(runs.sectors(i));
                if (!fromSegment(runs.segment(i), runs.address(i), length, into, patience)) {
                    return Progress.MUST_WAIT;
                }
                at = runs.lba(i) + length;
            }
            putHole(into, holes, runs.coveredEnd() - at);
            at = runs.coveredEnd();
        }
        return Progress.DONE;
    }

    private boolean fromSegment(
            long segment, int address, int sectors, ByteBuffer into, Patience patience)
            throws StorageException {
        int limit = into.limit();
        try {
            if (patience == Patience.WAIT) {
                int first = address / FRAME_SECTORS;
                int last = (address + sectors - 1) / FRAME_SECTORS;
                int offset = address % FRAME_SECTORS * Sectors.BYTES;
                into.limit(into.position() + sectors * Sectors.BYTES);
                cache.read(
                        volume,
                        segment,
                        first,
                        last - first + 1,
                        offset,
                        into,
                        frameTables.loader(segment));
                return true;
            }
            return copyResident(segment, address, sectors, into);
        } finally {
            into.limit(limit);
        }
    }

    private boolean copyResident(long segment, int address, int sectors, ByteBuffer into) {
        int at = address;
        int end = address + sectors;
        while (at < end) {
            int frame = at / FRAME_SECTORS;
            int next = Math.min(end, (frame + 1) * FRAME_SECTORS);
            into.limit(into.position() + (next - at) * Sectors.BYTES);
            int offset = at % FRAME_SECTORS * Sectors.BYTES;
            if (!cache.copyIfResident(volume, segment, frame, offset, into)) {
                return false;
            }
            at = next;
        }
        return true;
    }

    private static void putHole(ByteBuffer into, Holes holes, long sectors) {
        long left = sectors * Sectors.BYTES;
        holes.add(into.position(), Math.toIntExact(left));
        while (left > 0) {
            int count = (int) Math.min(left, ZEROES.capacity());
            into.put(into.position(), ZEROES, 0, count);
            into.position(into.position() + count);
            left -= count;
        }
    }

    /** Whether reading the frame takes no request to the store. */
    public boolean isCached(long segment, int frame) {
        return cache.contains(volume, segment, frame);
    }

    /**
     * Brings what the segments hold of the range into the frame caches, as much as goes into them
     * and for as long as it is wanted; may wait.
     */
    public void warm(long lba, long sectors, BooleanSupplier isWanted) throws StorageException {
        MapRuns runs = new MapRuns(MAX_RUNS);
        long end = lba + sectors;
        long room = cache.capacityFrames();
        long lastSegment = -1; // none
        int lastFrame = 0;
        for (long at = lba; at < end; at = runs.coveredEnd()) {
            map.lookup(at, end - at, runs);
            for (int i = 0; i < runs.count(); i++) {
                if (room == 0 || !isWanted.getAsBoolean()) {
                    return;
                }
                int first = FrameTable.frameOf(runs.address(i));
                int last = FrameTable.frameOf((int) (runs.address(i) + runs.sectors(i) - 1));
                // Small neighbours share a frame.
                if (runs.segment(i) == lastSegment && first == lastFrame) {
                    first++;
                }
                int count = (int) Math.min(last - first + 1, room);
                if (count > 0) {
                    FrameLoader loader = frameTables.loader(runs.segment(i));
                    long segment = runs.segment(i);
                    int from = first;
                    storePatience.insist(
                            () -> {
                                cache.warm(volume, segment, from, count, loader);
                                return true;
                            },
                            isWanted);
                }
                lastSegment = runs.segment(i);
                lastFrame = last;
                room -= count;
            }
        }
    }
}
