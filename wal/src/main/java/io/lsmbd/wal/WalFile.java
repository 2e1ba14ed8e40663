package io.lsmbd.wal;

import io.lsmbd.env.LogFile;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An open file of the log. All but the final fields is guarded by the append lock. */
final class WalFile {
    final FileHeader header;
    final String name;
    final LogFile io;
    private final Map<Long, VolumeUse> uses = new HashMap<>();
    private long end;
    private long records;

    /** Once synced this far, copies of this file's records are safe and it may go. */
    private long releasedAt;

    /** A recovery decided where it ends; it has no END record. */
    boolean isCut;

    /** Handed to the digests; the recycler's. */
    boolean isDigested;

    /** Found while copying forward: its records must stay; the recycler's. */
    volatile boolean isDamaged;

    WalFile(FileHeader header, String name, LogFile io) {
        this.header = header;
        this.name = name;
        this.io = io;
        this.end = header.firstRecord();
    }

    long base() {
        return header.base();
    }

    long offset(long position) {
        return position - header.base();
    }

    /** Position behind the last record, and behind the END record once there is one. */
    long end() {
        return end;
    }

    void endAt(long position) {
        end = position;
    }

    long records() {
        return records;
    }

    long usedBytes() {
        return end - header.base();
    }

    VolumeUse use(VolumeState volume) {
        return uses.computeIfAbsent(volume.id.value(), _ -> new VolumeUse(volume));
    }

    @Nullable VolumeUse useOf(long volume) {
        return uses.get(volume);
    }

    Collection<VolumeUse> uses() {
        return uses.values();
    }

    void count(VolumeUse use, long epoch, long lsn, long recordBytes) {
        use.add(epoch, lsn, recordBytes);
        records++;
    }

    void forget(long volume) {
        uses.remove(volume);
    }

    /** All records that mattered were copied to positions below this one. */
    void releaseAt(long position) {
        uses.clear();
        releasedAt = position;
    }

    boolean isPinned() {
        for (VolumeUse use : uses.values()) {
            if (use.isPinning()) {
                return true;
            }
        }
        return false;
    }

    boolean isPinnedByBorrower() {
        for (VolumeUse use : uses.values()) {
            if (use.isPinning() && use.volume.isBorrowed) {
                return true;
            }
        }
        return false;
    }

    /** Bytes of the volumes' epochs that pin the file. */
    long pinningBytes() {
        long bytes = 0;
        for (VolumeUse use : uses.values()) {
            bytes += use.pinningBytes();
        }
        return bytes;
    }

    /** Whether the file, no longer appended to, may be given to new records. */
    boolean isRecyclable(long synced) {
        return end <= synced && releasedAt <= synced && !isPinned();
    }
}
