package io.lsmbd.write;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Mailbox;
import io.lsmbd.env.Task;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.Displaced;
import io.lsmbd.manifest.Writer;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeId;
import io.lsmbd.segment.SegmentIdentity;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A volume's two workers. The dispatcher numbers sealed batches and starts an upload for each, at
 * most {@code parallel} beyond the oldest that is not committed: recovery relies on that window
 * ({@link io.lsmbd.lease.Fence}). The committer takes the uploads in order of their numbers and
 * makes each count.
 */
final class SegmentPipeline implements SegmentUploader.SegmentWriter {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentPipeline.class);

    /** Told in order, on the committer's task, with nothing else under way there. */
    interface CommitListener {
        void committed(Batch batch);
    }

    private final WriteContext context;
    private final Environment environment;
    private final BatchQueue batches;
    private final CommitListener listener;
    private final UUID writerId;
    private final RandomGenerator nonces;
    private final Mailbox<PendingSegment> window;
    private final Persistence persistence;
    private final SegmentUploader uploader;

    private volatile Compression compression;
    private volatile long nextNumber; // written by the dispatcher
    private volatile long committedSegment;
    private volatile long mappedSegment;
    private volatile boolean abandoned;
    private @Nullable Task dispatcher; // start and stop only
    private @Nullable Task committer; // start and stop only

    SegmentPipeline(WriteContext context, BatchQueue batches, CommitListener listener) {
        this.context = context;
        this.environment = context.environment();
        this.batches = batches;
        this.listener = listener;
        this.writerId = writerIdOf(context);
        this.compression = Compression.parse(context.manifest().compression());
        this.nonces = environment.random("segment-nonce");
        // One more is being committed or waits for room: so at most `parallel` are under way.
        this.window = environment.mailbox(Math.max(1, context.policy().parallel() - 1));
        this.persistence = new Persistence(environment, this::isGivenUp);
        this.uploader =
                new SegmentUploader(context.store(), context.wal(), batches, this, persistence);
        this.nextNumber = context.position().segment() + 1;
        this.committedSegment = context.position().segment();
    }

    private static UUID writerIdOf(WriteContext context) {
        Writer writer = context.manifest().writer();
        if (writer == null) {
            throw new IllegalArgumentException("not attached: " + context.manifest().name());
        }
        return UUID.fromString(writer.id());
    }

    void start() {
        String name = context.manifest().name().value();
        dispatcher = environment.spawnVirtual("dispatch-" + name, this::dispatch);
        committer = environment.spawnVirtual("commit-" + name, this::commit);
    }

    private void dispatch() {
        while (true) {
            Batch batch = batches.next();
            BuilderPool.Slot slot = batch == null ? null : context.builders().take();
            if (batch == null || slot == null) {
                window.close();
                return;
            }
            PendingSegment pending = new PendingSegment(nextNumber, batch, environment.signal());
            if (!window.put(pending)) {
                context.builders().giveBack(slot);
                return;
            }
            nextNumber = pending.number() + 1;
            environment.spawn(
                    "upload-" + context.manifest().name() + "-" + pending.number(),
                    () -> upload(pending, slot));
        }
    }

    /** From the next segment on. */
    void compress(Compression now) {
        compression = now;
    }

    private boolean isGivenUp() {
        return abandoned || !context.health().isGood();
    }

    private void upload(PendingSegment pending, BuilderPool.Slot slot) {
        BuilderPool builders = context.builders();
        DataSize data = new DataSize(Sectors.toBytes(pending.batch().payloadSectors()));
        try {
            uploader.upload(
                    pending, () -> builders.builder(slot, compression, data, this::isGivenUp));
        } finally {
            builders.giveBack(slot);
        }
    }

    private void commit() {
        for (PendingSegment next = window.take(); next != null; next = window.take()) {
            try {
                switch (next.await()) {
                    case PendingSegment.Outcome.Stored stored -> apply(next, stored);
                    case PendingSegment.Outcome.Failed failed -> throw failed.cause();
                }
            } catch (StorageException e) {
                if (!abandoned) {
                    context.health().fail(e);
                }
                window.close();
                return;
            }
        }
    }

    /** The order matters: at every moment each sector is found in at least one of the maps. */
    private void apply(PendingSegment segment, PendingSegment.Outcome.Stored stored)
            throws StorageException {
        long number = segment.number();
        Batch batch = segment.batch();
        Invariants.appliedInOrder(committedSegment, number);
        // 1. Whoever is led to the segment finds its frames.
        context.frameTables().put(number, stored.tables());
        // 2. Its extents enter the extent map.
        CommittedExtents extents = new CommittedExtents(stored.tables());
        persistence.insist(
                "apply segment " + number,
                () -> {
                    context.map().apply(number, extents, Displaced.ignored());
                    return true;
                });
        mappedSegment = number;
        // 3. The WAL index lets go of what still points into the batch.
        batches.forget(batch, context.index());
        // 4. The log may recycle the records, and waiting flushes are told.
        committedSegment = number;
        batches.committed(batch);
        listener.committed(batch);
        LOG.debug(
                "segment committed volume={} segment={} records={} bytes={}",
                context.manifest().name(),
                number,
                batch.records(),
                stored.tables().objectBytes());
        // 5. Now and then the map goes to the bucket.
        context.checkpointer().segmentApplied(number, batch.lastLsn());
    }

    /** Blocks until the store lets it; for what the committer's listener must do. */
    void insist(String what, Persistence.Attempt attempt) throws StorageException {
        persistence.insist(what, attempt);
    }

    long mappedSegment() {
        return mappedSegment;
    }

    /** Whether no segment is between its number and its commit. */
    boolean isQuiet() {
        return nextNumber == committedSegment + 1;
    }

    /** The last segment that counts. */
    long committedSegment() {
        return committedSegment;
    }

    /** Stops both workers. Uploads under way are left to end by themselves; what is open stays. */
    void stop() {
        abandoned = true;
        batches.close();
        window.close();
        join(dispatcher);
        dispatcher = null;
        join(committer);
        committer = null;
    }

    private static void join(@Nullable Task task) {
        if (task != null) {
            task.join();
        }
    }

    @Override
    public VolumeId volume() {
        return context.manifest().volume();
    }

    @Override
    public String volumeName() {
        return context.manifest().name().value();
    }

    @Override
    public SegmentIdentity identity(long number, long firstLsn, long lastLsn) {
        return new SegmentIdentity(
                volume(),
                number,
                context.manifest().epoch(),
                firstLsn,
                lastLsn,
                writerId,
                nonces.nextLong(),
                environment.wallClock().millis());
    }
}
