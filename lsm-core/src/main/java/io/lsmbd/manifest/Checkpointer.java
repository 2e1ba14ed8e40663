package io.lsmbd.manifest;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Task;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.CheckpointRef;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.localindex.LocalIndex;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a volume's extent map to the bucket now and then, so that recovery reads few segments. For
 * one task at a time: the volume's committer, and whoever detaches once that has ended. What the
 * manifest has to be told is left to a task of its own: the committer's next segment, for which a
 * client may be waiting, needs none of it.
 */
public final class Checkpointer {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

    /** In the bucket, and on its way into the manifest. */
    private static final class Publication {
        private final Checkpoint checkpoint;
        private volatile @Nullable StorageException failure;
        private volatile boolean isOver; // written last
        private @Nullable Task task; // the committer's

        private Publication(Checkpoint checkpoint) {
            this.checkpoint = checkpoint;
        }
    }

    private final Environment environment;
    private final ManifestStore manifests;
    private final ExtentMap map;
    private final LocalIndex localIndex;
    private final Manifest ours;
    private final int everySegments;
    private final Consumer<StorageException> failed;

    private Checkpoint last;
    private @Nullable Publication underWay;
    private long appliedSegment;
    private long appliedLsn;

    /**
     * {@code ours} names the last checkpoint; the map may be ahead of it.
     *
     * @param failed is told, on any task, what no later attempt can mend: the volume is another's
     */
    public Checkpointer(
            Environment environment,
            ManifestStore manifests,
            ExtentMap map,
            LocalIndex localIndex,
            Manifest ours,
            int everySegments,
            Consumer<StorageException> failed) {
        this.environment = environment;
        this.manifests = manifests;
        this.map = map;
        this.localIndex = localIndex;
        this.ours = ours;
        this.everySegments = everySegments;
        this.failed = failed;
        this.last = ours.checkpoint();
        this.appliedSegment = last.segment();
        this.appliedLsn = last.lastLsn();
    }

    /**
     * The map is as of this segment now; takes a checkpoint if one is due.
     *
     * @throws StorageException also what kept the one before out of the manifest: {@link
     *     io.lsmbd.error.FencedException}, of which {@code failed} was told at once
     */
    public void segmentApplied(long segment, long lastLsn) throws StorageException {
        appliedSegment = segment;
        appliedLsn = lastLsn;
        if (underWay != null && !underWay.isOver) {
            return;
        }
        try {
            settle();
            if (segment - last.segment() >= everySegments) {
                publish(write());
            }
        } catch (ObjectStoreException e) {
            // The old checkpoint stands; the next segment brings the next attempt.
            LOG.warn("no checkpoint yet volume={} reason={}", ours.name(), e.getMessage());
        }
    }

    private void publish(Checkpoint next) {
        var publication = new Publication(next);
        underWay = publication;
        publication.task =
                environment.spawnVirtual(
                        "checkpoint-" + ours.name(),
                        () -> {
                            try {
                                name(next);
                            } catch (ObjectStoreException e) {
                                publication.failure = e;
                            } catch (StorageException e) {
                                publication.failure = e;
                                failed.accept(e); // nobody may be coming for a while
                            }
                            publication.isOver = true;
                        });
    }

    /** The compare-and-swap that makes it count. Killed before, what was written is an orphan. */
    private void name(Checkpoint next) throws StorageException {
        manifests.update(ours.volume(), ours.epoch(), manifest -> manifest.checkpointed(next));
    }

    /** Waits for the publication that is under way, if one is, and draws the consequences. */
    private void settle() throws StorageException {
        Publication publication = underWay;
        if (publication == null) {
            return;
        }
        if (publication.task != null) {
            publication.task.join();
        }
        underWay = null;
        if (publication.failure != null) {
            throw publication.failure;
        }
        published(publication.checkpoint);
    }

    /** After the attach: how far recovery has brought the map. */
    public void recovered(long segment, long lastLsn) {
        appliedSegment = segment;
        appliedLsn = lastLsn;
    }

    private Checkpoint write() throws StorageException {
        // 1. The local index must never be older than the checkpoint: recovery would drop it.
        map.writeBack();
        localIndex.flush();
        // 2. Changed pages into a new object.
        CheckpointRef pages = map.checkpoint(last.nextMapObject());
        long nextObject = Math.max(last.nextMapObject(), pages.number() + 1);
        LOG.debug(
                "checkpoint volume={} segment={} nextMapObject={}",
                ours.name(),
                appliedSegment,
                nextObject);
        // 3. The caller has the manifest name it.
        return new Checkpoint(appliedSegment, ours.epoch(), appliedLsn, pages, nextObject);
    }

    private void published(Checkpoint next) throws StorageException {
        last = next;
        CheckpointRef pages = next.map();
        if (pages != null) {
            map.published(pages);
        }
    }

    /**
     * Checkpoint and clean detach in one change of the manifest. Killed at any step, the old
     * checkpoint stands.
     */
    public void detach() throws StorageException {
        try {
            settle();
        } catch (ObjectStoreException e) {
            LOG.debug("taken once more volume={} reason={}", ours.name(), e.getMessage());
        }
        Checkpoint next = appliedSegment == last.segment() ? last : write();
        manifests.update(
                ours.volume(), ours.epoch(), manifest -> manifest.checkpointed(next).detached());
        published(next);
    }
}
