package io.lsmbd.manifest;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.CheckpointRef;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.localindex.LocalIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a volume's extent map to the bucket now and then, so that recovery reads few segments. For
 * one task at a time: the volume's committer, and whoever detaches once that has ended.
 */
public final class Checkpointer {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

    private final ManifestStore manifests;
    private final ExtentMap map;
    private final LocalIndex localIndex;
    private final Manifest ours;
    private final int everySegments;

    private Checkpoint last;
    private long appliedSegment;
    private long appliedLsn;

    /** {@code ours} names the last checkpoint; the map may be ahead of it. */
    public Checkpointer(
            ManifestStore manifests,
            ExtentMap map,
            LocalIndex localIndex,
            Manifest ours,
            int everySegments) {
        this.manifests = manifests;
        this.map = map;
        this.localIndex = localIndex;
        this.ours = ours;
        this.everySegments = everySegments;
        this.last = ours.checkpoint();
        this.appliedSegment = last.segment();
        this.appliedLsn = last.lastLsn();
    }

    /** The map is as of this segment now; takes a checkpoint if one is due. */
    public void segmentApplied(long segment, long lastLsn) throws StorageException {
        appliedSegment = segment;
        appliedLsn = lastLsn;
        if (segment - last.segment() < everySegments) {
            return;
        }
        try {
            checkpoint();
        } catch (ObjectStoreException e) {
            // The old checkpoint stands; the next segment brings the next attempt.
            LOG.warn("no checkpoint yet volume={} reason={}", ours.name(), e.getMessage());
        }
    }

    /** After the attach: how far recovery has brought the map. */
    public void recovered(long segment, long lastLsn) {
        appliedSegment = segment;
        appliedLsn = lastLsn;
    }

    /**
     * Brings map and manifest up to the applied segment. Killed at any step, the old checkpoint
     * stands and what was written is an orphan.
     */
    public void checkpoint() throws StorageException {
        if (appliedSegment == last.segment()) {
            return;
        }
        Checkpoint next = write();
        manifests.update(ours.volume(), ours.epoch(), manifest -> manifest.checkpointed(next));
        published(next);
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
        // 3. The caller's compare-and-swap makes it count.
        return new Checkpoint(appliedSegment, ours.epoch(), appliedLsn, pages, nextObject);
    }

    private void published(Checkpoint next) throws StorageException {
        last = next;
        CheckpointRef pages = next.map();
        if (pages != null) {
            map.published(pages);
        }
    }

    /** Checkpoint and clean detach in one change of the manifest. */
    public void detach() throws StorageException {
        Checkpoint next = appliedSegment == last.segment() ? last : write();
        manifests.update(
                ours.volume(), ours.epoch(), manifest -> manifest.checkpointed(next).detached());
        published(next);
    }
}
