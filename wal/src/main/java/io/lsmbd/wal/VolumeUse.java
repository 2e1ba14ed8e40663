package io.lsmbd.wal;

/** What one volume has in one file. Guarded by the append lock. */
final class VolumeUse {
    final VolumeState volume;
    long maxLsn;
    long bytes;
    long records;

    VolumeUse(VolumeState volume) {
        this.volume = volume;
    }

    void add(long lsn, long recordBytes) {
        maxLsn = Math.max(maxLsn, lsn);
        bytes += recordBytes;
        records++;
    }

    /** Whether some record of the volume in the file may be in no committed segment. */
    boolean isPinning() {
        return maxLsn > volume.committed();
    }
}
