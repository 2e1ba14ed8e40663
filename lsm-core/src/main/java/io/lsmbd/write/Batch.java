package io.lsmbd.write;

import io.lsmbd.wal.WalKind;
import java.util.Arrays;

/**
 * Consecutive records of one volume that become one segment: LSNs {@code firstLsn} to {@code
 * lastLsn} without a gap, in columns. Filled under the WAL's append lock, read by its uploader once
 * sealed; {@link BatchQueue} guards both.
 */
final class Batch {
    private static final int INITIAL_RECORDS = 64;

    private final long firstLsn;
    private final long openedNanos;
    private WalKind[] kinds = new WalKind[INITIAL_RECORDS];
    private long[] lbas = new long[INITIAL_RECORDS];
    private long[] sectors = new long[INITIAL_RECORDS];
    private long[] locations = new long[INITIAL_RECORDS];
    private int records;
    private long payloadSectors;
    private long chargedBytes;

    Batch(long firstLsn, long openedNanos) {
        this.firstLsn = firstLsn;
        this.openedNanos = openedNanos;
    }

    void add(WalKind kind, long lba, long sectorCount, long location) {
        if (records == lbas.length) {
            grow();
        }
        kinds[records] = kind;
        lbas[records] = lba;
        sectors[records] = sectorCount;
        locations[records] = location;
        records++;
        if (kind == WalKind.WRITE) {
            payloadSectors += sectorCount;
        }
    }

    /** Forgets all but the first records. What the others were charged is released with these. */
    void truncate(int count) {
        for (int i = count; i < records; i++) {
            payloadSectors -= kinds[i] == WalKind.WRITE ? sectors[i] : 0;
        }
        records = count;
    }

    private void grow() {
        int capacity = records * 2;
        kinds = Arrays.copyOf(kinds, capacity);
        lbas = Arrays.copyOf(lbas, capacity);
        sectors = Arrays.copyOf(sectors, capacity);
        locations = Arrays.copyOf(locations, capacity);
    }

    /**
     * A record's bytes were copied forward in the log. The LSN alone does not tell the record: the
     * log may still hold one of an earlier epoch that another host's records have overruled.
     */
    void relocate(long lsn, long from, long to) {
        int i = Math.toIntExact(lsn - firstLsn);
        if (locations[i] == from) {
            locations[i] = to;
        }
    }

    void charge(long bytes) {
        chargedBytes += bytes;
    }

    boolean holds(long lsn) {
        return lsn >= firstLsn && lsn < firstLsn + records;
    }

    int records() {
        return records;
    }

    WalKind kind(int i) {
        return kinds[i];
    }

    long lba(int i) {
        return lbas[i];
    }

    long sectors(int i) {
        return sectors[i];
    }

    long location(int i) {
        return locations[i];
    }

    long firstLsn() {
        return firstLsn;
    }

    long lastLsn() {
        return firstLsn + records - 1;
    }

    long openedNanos() {
        return openedNanos;
    }

    long payloadSectors() {
        return payloadSectors;
    }

    /** What {@link Backpressure} counts for it. */
    long chargedBytes() {
        return chargedBytes;
    }
}
