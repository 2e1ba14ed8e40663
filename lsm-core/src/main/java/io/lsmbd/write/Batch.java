package io.lsmbd.write;

import io.lsmbd.model.Sectors;
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
    private long countedBytes;
    private long countedRecords;
    private long sealedNanos;
    private boolean isFull;

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
        countedRecords++;
        if (kind == WalKind.WRITE) {
            payloadSectors += sectorCount;
            countedBytes += Sectors.toBytes(sectorCount);
        }
    }

    /** Forgets all but the first records. Back-pressure counts the others until these commit. */
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

    /** Why nothing is added any more. */
    enum Seal {
        /** The next request has no room. */
        FULL,
        /** It is old enough, or was asked for. */
        DUE
    }

    void seal(Seal why, long nowNanos) {
        sealedNanos = nowNanos;
        isFull = why == Seal.FULL;
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

    /** Payload that {@link Backpressure} counts for it. */
    long countedBytes() {
        return countedBytes;
    }

    /** Records that {@link Backpressure} counts for it. */
    long countedRecords() {
        return countedRecords;
    }

    boolean isFull() {
        return isFull;
    }

    /** Since when it could be uploaded. */
    long sealedNanos() {
        return sealedNanos;
    }
}
