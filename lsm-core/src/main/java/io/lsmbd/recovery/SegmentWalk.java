package io.lsmbd.recovery;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.lease.Fence;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.Writer;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.SegmentIdentity;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Step two of an attach: walks the segments after the checkpoint, number by number without a gap,
 * and closes the log behind them for every older writer (DESIGN.md 5).
 *
 * <ol>
 *   <li>Segments that are there are taken in order ({@link CommittedSegments}).
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
    End walk(Manifest before, CommittedSegments.Visitor visitor) throws StorageException {
        CommittedSegments segments = new CommittedSegments(store, ours, before.checkpoint());
        long next = segments.takeAll(visitor) + 1;
        long lastLsn = segments.lastLsn();
        Fence fence = new Fence(store, environment);
        while (fence.close(identity(next, lastLsn)) instanceof Fence.Result.Taken) {
            if (!segments.takeIfThere(next, visitor)) {
                throw new ObjectStoreException(
                        ObjectStoreException.Outlook.RETRYABLE,
                        "segment %d was there and is not".formatted(next));
            }
            lastLsn = segments.lastLsn();
            next++;
        }
        visitor.empty(next);
        long last = next + beyondFence(before);
        for (long number = next + 1; number <= last; number++) {
            if (fence.close(identity(number, lastLsn)) instanceof Fence.Result.Taken taken) {
                segments.refuseIfNewer(taken.by().identity());
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

    private SegmentIdentity identity(long number, long lastLsn) {
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
}
