package io.lsmbd.wal.index;

import io.lsmbd.wal.WalLocation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map from LBA to location, made of extents that do not overlap: chunks of up to 256
 * extents and an array of the chunks. Changing or finding an extent takes O(log n) and moves at
 * most a chunk; overwriting a range drops whole chunks at a time. One thread at a time; no
 * allocation but for growth. Ranges are {@code [lba, lba + sectors)}, not empty, and end at or
 * before Long.MAX_VALUE.
 */
public final class ExtentIndex {
    private static final int MERGE_AT = Chunk.CAPACITY / 4;
    private static final int MERGED = Chunk.CAPACITY * 3 / 4;
    private static final int MAX_FREE = 8;

    private Chunk[] chunks = new Chunk[4];
    private long[] firstLbas = new long[4];
    private int chunkCount;
    private final @Nullable Chunk[] free = new Chunk[MAX_FREE];
    private int freeCount;
    private int entries;

    /** Extents. */
    public int entries() {
        return entries;
    }

    public boolean isEmpty() {
        return entries == 0;
    }

    /** Heap that the index takes, about. */
    public long bytes() {
        return (chunkCount + freeCount) * Chunk.BYTES + 12L * chunks.length;
    }

    /** Forgets everything, keeps some memory. */
    public void clear() {
        dropChunks(0, chunkCount);
    }

    /**
     * Says where the range is now; what was known of it is overwritten. The location is that of the
     * range's first sector.
     */
    public void put(long lba, long sectors, long location) {
        check(lba, sectors);
        clearRange(lba, lba + sectors);
        insert(lba, sectors, location);
    }

    /** Forgets those parts of the range that still lead into that record. */
    public void remove(long lba, long sectors, long location) {
        check(lba, sectors);
        long end = lba + sectors;
        long record = WalLocation.record(location);
        long at = lba;
        while (at < end) {
            int c = chunkEndingBehind(at);
            if (c == chunkCount) {
                return;
            }
            Chunk chunk = chunks[c];
            int i = chunk.firstEndingBehind(at);
            while (i < chunk.size
                    && chunk.start[i] < end
                    && WalLocation.record(chunk.location[i]) != record) {
                i++;
            }
            if (i == chunk.size) {
                at = chunk.end(i - 1);
                continue;
            }
            if (chunk.start[i] >= end) {
                return;
            }
            at = Math.min(end, chunk.end(i));
            clearRange(Math.max(lba, chunk.start[i]), at);
        }
    }

    /** Those parts of the range that still lead into one record lead into its copy from now on. */
    public void relocate(long lba, long sectors, long fromLocation, long toLocation) {
        check(lba, sectors);
        long end = lba + sectors;
        long from = WalLocation.record(fromLocation);
        long to = WalLocation.record(toLocation);
        for (int c = chunkEndingBehind(lba); c < chunkCount && firstLbas[c] < end; c++) {
            Chunk chunk = chunks[c];
            int i = chunk.firstEndingBehind(lba);
            for (; i < chunk.size && chunk.start[i] < end; i++) {
                if (WalLocation.record(chunk.location[i]) == from) {
                    chunk.location[i] =
                            WalLocation.advance(to, WalLocation.firstSector(chunk.location[i]));
                }
            }
        }
    }

    /** Adds what is known of the range to the list, clipped to it, sorted by LBA. */
    public void lookup(long lba, long sectors, ExtentList out) {
        lookup(lba, sectors, Integer.MAX_VALUE, out);
    }

    /**
     * As {@link #lookup(long, long, ExtentList)}, but no more than so many extents. Returns the LBA
     * up to which the answer is complete: the range's end, or where to go on.
     */
    public long lookup(long lba, long sectors, int maxExtents, ExtentList out) {
        check(lba, sectors);
        long end = lba + sectors;
        int room = maxExtents;
        for (int c = chunkEndingBehind(lba); c < chunkCount && firstLbas[c] < end; c++) {
            Chunk chunk = chunks[c];
            int i = chunk.firstEndingBehind(lba);
            for (; i < chunk.size && chunk.start[i] < end; i++) {
                long from = Math.max(lba, chunk.start[i]);
                if (room-- == 0) {
                    return from;
                }
                out.add(
                        from,
                        Math.min(end, chunk.end(i)) - from,
                        WalLocation.advance(chunk.location[i], from - chunk.start[i]));
            }
        }
        return end;
    }

    /** Adds everything to the list, sorted by LBA. */
    public void copyTo(ExtentList out) {
        for (int c = 0; c < chunkCount; c++) {
            Chunk chunk = chunks[c];
            for (int i = 0; i < chunk.size; i++) {
                out.add(chunk.start[i], chunk.sectors[i], chunk.location[i]);
            }
        }
    }

    private static void check(long lba, long sectors) {
        if (lba < 0 || sectors <= 0 || lba > Long.MAX_VALUE - sectors) {
            throw new IllegalArgumentException("no such range: lba=" + lba + " sectors=" + sectors);
        }
    }

    /** The first chunk with an extent that ends behind the LBA; the count if there is none. */
    private int chunkEndingBehind(long lba) {
        int c = chunkStartingUpTo(lba);
        return c < chunkCount && chunks[c].end(chunks[c].size - 1) <= lba ? c + 1 : c;
    }

    /** The last chunk whose first extent starts at or before the LBA; the first chunk if none. */
    private int chunkStartingUpTo(long lba) {
        int low = 0;
        int high = chunkCount;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (firstLbas[middle] <= lba) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return Math.max(0, low - 1);
    }

    private void clearRange(long from, long to) {
        int c = chunkEndingBehind(from);
        if (c == chunkCount || firstLbas[c] >= to) {
            return;
        }
        Chunk chunk = chunks[c];
        int i = chunk.firstEndingBehind(from);
        if (i < chunk.size && chunk.start[i] < from) {
            if (chunk.end(i) > to) {
                split(c, i, from, to);
                return;
            }
            chunk.cutTail(i, from);
            i++;
        }
        if (i > 0) {
            // Extents before stay, so does the chunk.
            clearInside(chunk, i, to);
            c++;
        }
        // From here on chunks are cleared from their beginning.
        int whole = c;
        while (whole < chunkCount && chunks[whole].end(chunks[whole].size - 1) <= to) {
            whole++;
        }
        dropChunks(c, whole);
        if (c < chunkCount && firstLbas[c] < to) {
            clearInside(chunks[c], 0, to);
            firstLbas[c] = chunks[c].start[0];
        }
        mergeIfSmall(c + 1);
        mergeIfSmall(c);
        mergeIfSmall(c - 1);
    }

    /** Clears a chunk's extents from the i-th on up to the LBA. */
    private void clearInside(Chunk chunk, int i, long to) {
        int keep = i;
        while (keep < chunk.size && chunk.end(keep) <= to) {
            keep++;
        }
        entries -= keep - i;
        chunk.remove(i, keep);
        if (i < chunk.size && chunk.start[i] < to) {
            chunk.cutHead(i, to);
        }
    }

    /** The range lies inside one extent: what is behind it becomes an extent of its own. */
    private void split(int c, int i, long from, long to) {
        Chunk chunk = chunks[c];
        long rest = chunk.end(i) - to;
        long location = WalLocation.advance(chunk.location[i], to - chunk.start[i]);
        chunk.cutTail(i, from);
        insert(to, rest, location);
    }

    /** Inserts an extent where nothing is. */
    private void insert(long lba, long sectors, long location) {
        if (chunkCount == 0) {
            insertChunk(0, newChunk());
        }
        int c = chunkStartingUpTo(lba);
        Chunk chunk = chunks[c];
        int i = chunk.firstStartingAt(lba);
        if (chunk.size == Chunk.CAPACITY) {
            if (i == Chunk.CAPACITY && c + 1 == chunkCount) {
                // Growing at the end, as sequential writes do: leave full chunks behind.
                c++;
                chunk = newChunk();
                insertChunk(c, chunk);
                i = 0;
            } else {
                halve(c);
                if (i > chunk.size) {
                    i -= chunk.size;
                    c++;
                    chunk = chunks[c];
                }
            }
        }
        chunk.insert(i, lba, sectors, location);
        firstLbas[c] = chunk.start[0];
        entries++;
    }

    private void halve(int c) {
        Chunk chunk = chunks[c];
        Chunk upper = newChunk();
        int half = chunk.size / 2;
        upper.append(chunk, half, chunk.size - half);
        chunk.size = half;
        insertChunk(c + 1, upper);
        firstLbas[c + 1] = upper.start[0];
    }

    private void insertChunk(int c, Chunk chunk) {
        if (chunkCount == chunks.length) {
            chunks = Arrays.copyOf(chunks, 2 * chunkCount);
            firstLbas = Arrays.copyOf(firstLbas, 2 * chunkCount);
        }
        System.arraycopy(chunks, c, chunks, c + 1, chunkCount - c);
        System.arraycopy(firstLbas, c, firstLbas, c + 1, chunkCount - c);
        chunks[c] = chunk;
        chunkCount++;
    }

    private Chunk newChunk() {
        if (freeCount == 0) {
            return new Chunk();
        }
        Chunk chunk = free[--freeCount];
        free[freeCount] = null;
        return chunk == null ? new Chunk() : chunk;
    }

    // Slots behind the count are null for the collector's sake, and never read.
    @SuppressWarnings("NullAway")
    private void dropChunks(int from, int to) {
        if (from >= to) {
            return;
        }
        for (int c = from; c < to; c++) {
            Chunk chunk = chunks[c];
            entries -= chunk.size;
            if (freeCount < MAX_FREE) {
                chunk.size = 0;
                free[freeCount++] = chunk;
            }
        }
        System.arraycopy(chunks, to, chunks, from, chunkCount - to);
        System.arraycopy(firstLbas, to, firstLbas, from, chunkCount - to);
        Arrays.fill(chunks, chunkCount - (to - from), chunkCount, null);
        chunkCount -= to - from;
    }

    /** Joins a chunk and the one before it if that leaves room, and one of them is small. */
    private void mergeIfSmall(int c) {
        if (c < 1 || c >= chunkCount) {
            return;
        }
        int before = chunks[c - 1].size;
        int here = chunks[c].size;
        if (before + here <= MERGED && Math.min(before, here) <= MERGE_AT) {
            mergeIntoPrevious(c);
        }
    }

    private void mergeIntoPrevious(int c) {
        Chunk chunk = chunks[c];
        int moved = chunk.size;
        chunks[c - 1].append(chunk, 0, moved);
        entries += moved; // dropping the emptied chunk takes them off again
        dropChunks(c, c + 1);
    }
}
