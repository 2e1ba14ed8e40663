package io.lsmbd.recovery;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Checkpoint;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.SegmentIdentity;
import io.lsmbd.segment.SegmentKind;
import io.lsmbd.segment.SegmentReader;
import io.lsmbd.segment.SegmentTables;

/**
 * Reads the segments after a checkpoint, number by number without a gap. One whose epoch is lower
 * than one already seen is an orphan that lost against a fence: its number counts, its content does
 * not. Changes nothing.
 */
final class CommittedSegments {
    private final ObjectStore store;
    private final Manifest manifest;
    private final Checkpoint from;
    private long epochSeen;
    private long lastLsn;

    /** Told every number after the checkpoint, in order. */
    interface Visitor {
        void segment(SegmentTables tables) throws StorageException;

        /** A fence or an orphan: the number is used up and changes nothing. */
        void empty(long number) throws StorageException;
    }

    /** {@code manifest}: no segment may have a higher epoch. */
    CommittedSegments(ObjectStore store, Manifest manifest, Checkpoint from) {
        this.store = store;
        this.manifest = manifest;
        this.from = from;
        this.epochSeen = from.epoch();
        this.lastLsn = from.lastLsn();
    }

    /** The last record that the segments taken so far hold. */
    long lastLsn() {
        return lastLsn;
    }

    /** Takes all up to the first number that is missing; returns the last one that is there. */
    long takeAll(Visitor visitor) throws StorageException {
        long last = from.segment();
        while (takeIfThere(last + 1, visitor)) {
            last++;
        }
        return last;
    }

    /** Takes the next number; returns false if it is missing. */
    boolean takeIfThere(long number, Visitor visitor) throws StorageException {
        ObjectKey key = ObjectKey.segment(manifest.volume(), number);
        SegmentTables tables;
        try {
            tables = new SegmentReader(store).readTables(key);
        } catch (ObjectStoreException e) {
            if (e.isNotFound()) {
                return false;
            }
            throw e;
        }
        SegmentIdentity identity = tables.identity();
        refuseIfNewer(identity);
        if (identity.epoch() < epochSeen || tables.kind() == SegmentKind.FENCE) {
            epochSeen = Math.max(epochSeen, identity.epoch());
            visitor.empty(number);
            return true;
        }
        epochSeen = identity.epoch();
        if (identity.firstLsn() != lastLsn + 1 || identity.lastLsn() < lastLsn) {
            throw new CorruptDataException(
                    key.value(),
                    0,
                    "holds records %d to %d, the segments before it end at %d"
                            .formatted(identity.firstLsn(), identity.lastLsn(), lastLsn));
        }
        lastLsn = identity.lastLsn();
        visitor.segment(tables);
        return true;
    }

    void refuseIfNewer(SegmentIdentity there) throws FencedException {
        if (there.epoch() > manifest.epoch()) {
            throw new FencedException(manifest.name().value(), manifest.epoch(), there.epoch());
        }
    }
}
