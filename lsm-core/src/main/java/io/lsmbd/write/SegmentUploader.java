package io.lsmbd.write;

import io.lsmbd.error.FencedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.model.SectorRange;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.segment.BuiltSegment;
import io.lsmbd.segment.SegmentBuilder;
import io.lsmbd.segment.SegmentHeader;
import io.lsmbd.segment.SegmentIdentity;
import io.lsmbd.segment.SegmentReader;
import io.lsmbd.wal.Wal;
import io.lsmbd.wal.WalKind;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.index.ExtentIndex;
import io.lsmbd.wal.index.ExtentList;
import java.nio.ByteBuffer;

/**
 * Builds one segment from a batch and puts it create-only, as often as it takes. Runs on a thread
 * of its own for each segment; the pool's builder is the permit and the memory.
 */
final class SegmentUploader {
    private final ObjectStore store;
    private final Wal wal;
    private final BatchQueue batches;
    private final SegmentWriter writer;
    private final Persistence persistence;

    SegmentUploader(
            ObjectStore store,
            Wal wal,
            BatchQueue batches,
            SegmentWriter writer,
            Persistence persistence) {
        this.store = store;
        this.wal = wal;
        this.batches = batches;
        this.writer = writer;
        this.persistence = persistence;
    }

    /** Gives the builder to build with; may wait. */
    interface BuilderSource {
        SegmentBuilder builder() throws StorageException;
    }

    /** Settles {@code pending} whatever happens; throws nothing but bugs. */
    void upload(PendingSegment pending, BuilderSource source) {
        PendingSegment.Outcome outcome;
        try {
            BuiltSegment built = build(pending, source.builder());
            putUntilStored(pending.number(), built);
            outcome = new PendingSegment.Outcome.Stored(built.tables());
        } catch (StorageException e) {
            outcome = new PendingSegment.Outcome.Failed(e);
        } catch (RuntimeException e) {
            String what = "segment %d could not be built: %s".formatted(pending.number(), e);
            pending.settle(new PendingSegment.Outcome.Failed(new VolumeClosedException(what, e)));
            throw e;
        }
        pending.settle(outcome);
    }

    /** Drops what was overwritten inside the batch, orders the rest by LBA, copies it together. */
    private BuiltSegment build(PendingSegment pending, SegmentBuilder builder)
            throws StorageException {
        Batch batch = pending.batch();
        ExtentIndex newest = new ExtentIndex();
        for (int i = 0; i < batch.records(); i++) {
            newest.put(batch.lba(i), batch.sectors(i), batches.locationOf(batch, i));
        }
        ExtentList live = new ExtentList();
        newest.copyTo(live);
        for (int i = 0; i < live.size(); ) {
            i =
                    WalLocation.isHole(live.location(i))
                            ? addHoles(live, i, builder)
                            : addData(live, i, batch, builder);
        }
        SegmentIdentity identity =
                writer.identity(pending.number(), batch.firstLsn(), batch.lastLsn());
        return builder.encode(identity);
    }

    private static int addHoles(ExtentList live, int from, SegmentBuilder builder) {
        int end = from + 1;
        while (end < live.size()
                && WalLocation.isHole(live.location(end))
                && live.lba(end) == live.lba(end - 1) + live.sectors(end - 1)) {
            end++;
        }
        builder.addHole(new SectorRange(live.lba(from), endOf(live, end - 1) - live.lba(from)));
        return end;
    }

    /** Neighbouring pieces become one extent. */
    private int addData(ExtentList live, int from, Batch batch, SegmentBuilder builder)
            throws StorageException {
        int end = from + 1;
        while (end < live.size()
                && !WalLocation.isHole(live.location(end))
                && live.lba(end) == endOf(live, end - 1)) {
            end++;
        }
        int sectors = Math.toIntExact(endOf(live, end - 1) - live.lba(from));
        ByteBuffer into = builder.reserve(live.lba(from), sectors);
        for (int i = from; i < end; i++) {
            copy(live.lba(i), Math.toIntExact(live.sectors(i)), live.location(i), batch, into);
        }
        return end;
    }

    private static long endOf(ExtentList live, int i) {
        return live.lba(i) + live.sectors(i);
    }

    /** One piece of a record; the record may move forward in the log while we read it. */
    private void copy(long lba, int sectors, long location, Batch batch, ByteBuffer into)
            throws StorageException {
        if (wal.read(location, sectors, into)) {
            return;
        }
        int record = newestCovering(batch, lba, sectors);
        long moved = batches.locationOf(batch, record);
        long before = location;
        while (WalLocation.record(moved) != WalLocation.record(before)) {
            long there = WalLocation.advance(moved, lba - batch.lba(record));
            if (wal.read(there, sectors, into)) {
                return;
            }
            before = moved;
            moved = batches.locationOf(batch, record);
        }
        throw new VolumeClosedException(
                "record %d left the log before a segment held it: the volume was let go"
                        .formatted(batch.firstLsn() + record));
    }

    /** The record whose data a live piece of the batch is. */
    private static int newestCovering(Batch batch, long lba, int sectors) {
        for (int i = batch.records() - 1; i >= 0; i--) {
            if (batch.kind(i) == WalKind.WRITE
                    && batch.lba(i) <= lba
                    && lba + sectors <= batch.lba(i) + batch.sectors(i)) {
                return i;
            }
        }
        throw new IllegalStateException("no record of the batch covers sector " + lba);
    }

    private void putUntilStored(long number, BuiltSegment built) throws StorageException {
        ObjectKey key = ObjectKey.segment(writer.volume(), number);
        persistence.insist(
                "put " + key,
                () ->
                        settled(
                                key,
                                store.put(key, built.body(), new PutCondition.IfAbsent()),
                                built.identity()));
    }

    /** True: it is there and ours. False: nobody knows, put it again. */
    private boolean settled(ObjectKey key, PutOutcome outcome, SegmentIdentity ours)
            throws StorageException {
        return switch (outcome) {
            case PutOutcome.Stored _ -> true;
            case PutOutcome.Unknown _ -> false;
            case PutOutcome.ConditionFailed _ -> {
                SegmentHeader there = new SegmentReader(store).readHeader(key);
                if (there.identity().equals(ours)) {
                    yield true;
                }
                throw new FencedException(
                        writer.volumeName(), ours.epoch(), there.identity().epoch());
            }
        };
    }

    /** What marks a segment as this attach's own. */
    interface SegmentWriter {
        VolumeId volume();

        String volumeName();

        SegmentIdentity identity(long number, long firstLsn, long lastLsn);
    }
}
