package io.lsmbd.wal;

import io.lsmbd.model.VolumeId;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the log knows of one volume. Guarded by the append lock unless said otherwise. */
final class VolumeState {
    final VolumeId id;

    /** Attached by it, if at all. */
    @Nullable WalStream stream;

    /** What recovery found, until released; locations in it follow the records. */
    @Nullable WalRecords recovered;

    /** Someone builds an index from the records: they must stay where they are. */
    boolean isBorrowed;

    /** As of the last attach; before that, whatever the log holds may be needed. */
    private Lineage lineage = Lineage.UNBROKEN;

    /** Nobody wants any more what is of before the lineage. */
    private boolean isLeftOverDiscarded;

    /** Only grows; needs no lock, so that callers may hold theirs. */
    private final AtomicLong committed = new AtomicLong();

    VolumeState(VolumeId id) {
        this.id = id;
    }

    /**
     * A committed segment holds every record of the lineage up to this LSN. May be read without the
     * lock.
     */
    long committed() {
        return committed.get();
    }

    /** The lineage of the stream that is attached now. */
    void continues(Lineage now) {
        isLeftOverDiscarded &= now.since() == lineage.since();
        lineage = now;
    }

    /** Whether another host has had the volume since that epoch. */
    boolean isOfBefore(long epoch) {
        return epoch < lineage.since();
    }

    /** Up to this LSN records of the epoch are not needed: a committed segment holds them. */
    long heldUpTo(long epoch) {
        if (!isOfBefore(epoch)) {
            return committed();
        }
        return isLeftOverDiscarded ? Long.MAX_VALUE : lineage.held().getOrDefault(epoch, 0L);
    }

    /** Lets go of what is of before the lineage, until another host has had the volume again. */
    void discardLeftOver() {
        isLeftOverDiscarded = true;
    }

    void committedUpTo(long lsn) {
        committed.accumulateAndGet(lsn, Math::max);
    }
}
