package io.lsmbd.wal.index;

import io.lsmbd.wal.WalLocation;

/** Up to 256 extents, sorted by LBA, not overlapping. Indexes are the caller's to get right. */
final class Chunk {
    static final int CAPACITY = 256;
    static final long BYTES = 3L * (16 + CAPACITY * Long.BYTES) + 32;

    final long[] start = new long[CAPACITY];
    final long[] sectors = new long[CAPACITY];
    final long[] location = new long[CAPACITY];
    int size;

    long end(int i) {
        return start[i] + sectors[i];
    }

    /** The first extent that ends behind the LBA; {@code size} if none does. */
    int firstEndingBehind(long lba) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (end(middle) > lba) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The first extent that starts at the LBA or behind it; {@code size} if none does. */
    int firstStartingAt(long lba) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (start[middle] >= lba) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    void insert(int i, long newStart, long newSectors, long newLocation) {
        move(i, i + 1, size - i);
        size++;
        start[i] = newStart;
        sectors[i] = newSectors;
        location[i] = newLocation;
    }

    void remove(int from, int to) {
        move(to, from, size - to);
        size -= to - from;
    }

    private void move(int from, int to, int count) {
        System.arraycopy(start, from, start, to, count);
        System.arraycopy(sectors, from, sectors, to, count);
        System.arraycopy(location, from, location, to, count);
    }

    /** Takes the extent's first sectors away, up to the LBA. */
    void cutHead(int i, long newStart) {
        long cut = newStart - start[i];
        location[i] = WalLocation.advance(location[i], cut);
        start[i] = newStart;
        sectors[i] -= cut;
    }

    void cutTail(int i, long newEnd) {
        sectors[i] = newEnd - start[i];
    }

    /** Appends {@code count} extents of another chunk. */
    void append(Chunk from, int first, int count) {
        System.arraycopy(from.start, first, start, size, count);
        System.arraycopy(from.sectors, first, sectors, size, count);
        System.arraycopy(from.location, first, location, size, count);
        size += count;
    }
}
