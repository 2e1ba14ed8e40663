package io.lsmbd.wal.index;

import java.util.Arrays;

/** Extents in primitive arrays, to be reused by its owner. Indexes run from 0 to size - 1. */
public final class ExtentList {
    private long[] lbas = new long[16];
    private long[] sectors = new long[16];
    private long[] locations = new long[16];
    private int size;

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public long lba(int index) {
        return lbas[checked(index)];
    }

    public long sectors(int index) {
        return sectors[checked(index)];
    }

    public long location(int index) {
        return locations[checked(index)];
    }

    private int checked(int index) {
        if (index >= size) {
            throw new IndexOutOfBoundsException("extent " + index + " of " + size);
        }
        return index;
    }

    public void add(long lba, long sectorCount, long location) {
        if (size == lbas.length) {
            int capacity = Math.multiplyExact(size, 2);
            lbas = Arrays.copyOf(lbas, capacity);
            sectors = Arrays.copyOf(sectors, capacity);
            locations = Arrays.copyOf(locations, capacity);
        }
        lbas[size] = lba;
        sectors[size] = sectorCount;
        locations[size] = location;
        size++;
    }

    /** Forgets the contents, keeps the memory. */
    public void clear() {
        size = 0;
    }
}
