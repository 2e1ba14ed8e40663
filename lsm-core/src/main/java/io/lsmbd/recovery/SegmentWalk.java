package io.lsmbd.recovery;

import io.lsmbd.env.Environment;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.lease.Fence;
import io.lsmbd.manifest.Checkpoint;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.Writer;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.SegmentIdentity;
import io.lsmbd.segment.SegmentKind;
import io.lsmbd.segment.SegmentReader;
import io.lsmbd.segment.SegmentTables;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Step two of an attach: walks the segments after the checkpoint, number by number without a gap,
 * and closes the log behind them for every older writer (DESIGN.md 5).
 *
 * <ol>
 *   <li>Segments that are there are taken in order; one whose epoch is lower than one already seen
 *       is an orphan that lost against a fence: its number counts, its content does not.
 *   <li>The first missing number becomes a fence of our epoch. If someone was quicker, that segment
 *       is taken like the others and the next number is tried.
 *   <li>The previous writer may have had more segments under way beyond that first missing number.
 *       Their numbers are closed too, so that a put that arrives late finds its place taken and
 *       never stands in the way of our own segments.
 * </ol>
 */
final class SegmentWalk {
    private final ObjectStore store;
    private final Environment environment;
    private final Manifest ours;
    private final UUID writerId;

    private long epochSeen;
    private long lastLsn;

    /** Told every number after the checkpoint, in order. */
    interface Visitor {
        void segment(SegmentTables tables) throws StorageException;

        /** A fence or an orphan: the number is used up and changes nothing. */
        void empty(long number) throws StorageException;
    }

    /**
     * @param lastSegment the last number that is used up
     * @param lastLsn the last record that the segments hold
     */
    record End(long lastSegment, long lastLsn) {}

    SegmentWalk(ObjectStore store, Environment environment, Manifest ours) {
        Writer writer = ours.writer();
        if (writer == null) {
            throw new IllegalArgumentException("not attached: " + ours.name());
        }
        this.store = store;
        this.environment = environment;
        this.ours = ours;
        this.writerId = UUID.fromString(writer.id());
    }

    /** Walks and fences; {@code before} is the manifest as the previous writer left it. */
    End walk(Manifest before, Visitor visitor) throws StorageException {
        Checkpoint from = before.checkpoint();
        epochSeen = from.epoch();
        lastLsn = from.lastLsn();
        long next = from.segment() + 1;
        while (takeIfThere(next, visitor)) {
            next++;
        }
        Fence fence = new Fence(store, environment);
        while (fence.close(identity(next)) instanceof Fence.Result.Taken) {
            if (!takeIfThere(next, visitor)) {
                throw new ObjectStoreException(
                        ObjectStoreException.Outlook.RETRYABLE,
                        "segment %d was there and is not".formatted(next));
            }
            next++;
        }
        epochSeen = ours.epoch();
        visitor.empty(next);
        long last = next + beyondFence(before);
        for (long number = next + 1; number <= last; number++) {
            if (fence.close(identity(number)) instanceof Fence.Result.Taken taken) {
                refuseIfNewer(taken.by().identity());
            }
            visitor.empty(number);
        }
        return new End(last, lastLsn);
    }

    private static int beyondFence(Manifest before) {
        Writer writer = before.writer();
        boolean detachedCleanly = before.lease() == null;
        return writer == null || detachedCleanly ? 0 : writer.uploadWindow() - 1;
    }

    private SegmentIdentity identity(long number) {
        RandomGenerator random = environment.random("segment-nonce");
        return new SegmentIdentity(
                ours.volume(),
                number,
                ours.epoch(),
                lastLsn,
                lastLsn,
                writerId,
                random.nextLong(),
                environment.wallClock().millis());
    }

    private boolean takeIfThere(long number, Visitor visitor) throws StorageException {
        ObjectKey key = ObjectKey.segment(ours.volume(), number);
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

    private void refuseIfNewer(SegmentIdentity there) throws FencedException {
        if (there.epoch() > ours.epoch()) {
            throw new FencedException(ours.name().value(), ours.epoch(), there.epoch());
        }
    }
}
