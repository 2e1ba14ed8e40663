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

    /** Only grows; needs no lock, so that callers may hold theirs. */
    private final AtomicLong committed = new AtomicLong();

    VolumeState(VolumeId id) {
        this.id = id;
    }

    /** A committed segment holds every record up to this LSN. May be read without the lock. */
    long committed() {
        return committed.get();
    }

    void committedUpTo(long lsn) {
        committed.accumulateAndGet(lsn, Math::max);
    }
}
