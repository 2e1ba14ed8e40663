package io.lsmbd.write;

import io.lsmbd.env.Signal;
import io.lsmbd.error.StorageException;
import io.lsmbd.segment.SegmentTables;
import org.jspecify.annotations.Nullable;

/** A segment between its number and its commit; the uploader settles it, the committer waits. */
final class PendingSegment {
    private final long number;
    private final Batch batch;
    private final Signal settled;
    private volatile @Nullable Outcome outcome;

    /** How the upload ended. */
    sealed interface Outcome {
        record Stored(SegmentTables tables) implements Outcome {}

        record Failed(StorageException cause) implements Outcome {}
    }

    PendingSegment(long number, Batch batch, Signal settled) {
        this.number = number;
        this.batch = batch;
        this.settled = settled;
    }

    long number() {
        return number;
    }

    Batch batch() {
        return batch;
    }

    void settle(Outcome result) {
        outcome = result;
        settled.signalAll();
    }

    Outcome await() {
        settled.await(() -> outcome != null);
        Outcome result = outcome;
        if (result == null) {
            throw new IllegalStateException("settled without an outcome: segment " + number);
        }
        return result;
    }
}
