package io.lsmbd.wal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one volume has in one file, apart for each epoch: there are as many as it was attached while
 * the file grew, and left-over ones copied there. Guarded by the append lock.
 */
final class VolumeUse {
    final VolumeState volume;
    private final List<Part> parts = new ArrayList<>(1);
    private @Nullable Part last;

    private static final class Part {
        final long epoch;
        long maxLsn;
        long bytes;

        Part(long epoch) {
            this.epoch = epoch;
        }
    }

    VolumeUse(VolumeState volume) {
        this.volume = volume;
    }

    void add(long epoch, long lsn, long recordBytes) {
        Part part = last;
        if (part == null || part.epoch != epoch) {
            part = partOf(epoch);
            last = part;
        }
        part.maxLsn = Math.max(part.maxLsn, lsn);
        part.bytes += recordBytes;
    }

    private Part partOf(long epoch) {
        for (Part part : parts) {
            if (part.epoch == epoch) {
                return part;
            }
        }
        Part part = new Part(epoch);
        parts.add(part);
        return part;
    }

    private boolean isPinning(Part part) {
        return part.maxLsn > volume.heldUpTo(part.epoch);
    }

    /** Whether some record of the volume in the file may be in no committed segment. */
    boolean isPinning() {
        for (Part part : parts) {
            if (isPinning(part)) {
                return true;
            }
        }
        return false;
    }

    /** Bytes of the epochs with such records. */
    long pinningBytes() {
        long bytes = 0;
        for (Part part : parts) {
            bytes += isPinning(part) ? part.bytes : 0;
        }
        return bytes;
    }

    /** Of these, what is of before another host had the volume. */
    long leftOverBytes() {
        long bytes = 0;
        for (Part part : parts) {
            bytes += volume.isOfBefore(part.epoch) && isPinning(part) ? part.bytes : 0;
        }
        return bytes;
    }
}
