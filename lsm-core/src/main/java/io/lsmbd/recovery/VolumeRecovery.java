package io.lsmbd.recovery;

import io.lsmbd.env.Environment;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.Displaced;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.extent.ExtentMapConfig;
import io.lsmbd.extent.ExtentMapSources;
import io.lsmbd.extent.PageBudget;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.SegmentTables;
import io.lsmbd.wal.WalRecords;
import io.lsmbd.write.CommittedExtents;
import io.lsmbd.write.Replay;

/**
 * Attaching a volume (DESIGN.md 6): manifest, epoch, fence, the segments after the checkpoint, then
 * what the log holds beyond them. Idempotent; may be killed at any step.
 */
public final class VolumeRecovery {
    private final Environment environment;
    private final ObjectStore store;
    private final ManifestStore manifests;
    private final LocalIndex localIndex;
    private final PageBudget pages;
    private final AttachConfig config;

    public VolumeRecovery(
            Environment environment,
            ObjectStore store,
            ManifestStore manifests,
            LocalIndex localIndex,
            PageBudget pages,
            AttachConfig config) {
        this.environment = environment;
        this.store = store;
        this.manifests = manifests;
        this.localIndex = localIndex;
        this.pages = pages;
        this.config = config;
    }

    /**
     * A volume that is ours, its maps up to date.
     *
     * @param manifest with our epoch
     * @param requestedAtNanos monotonic time before the request that gave us the lease
     * @param lastSegment the last number in use
     * @param committedLsn the last record that segments hold
     * @param replay what the log holds beyond that, in LSN order
     */
    public record Attached(
            Manifest manifest,
            long requestedAtNanos,
            ExtentMap map,
            long lastSegment,
            long committedLsn,
            Replay replay,
            RecoveryReport report) {}

    /**
     * Makes the volume ours; blocks on the store.
     *
     * @param all what the log holds of the volume, borrowed; a stream takes it over
     */
    public Attached attach(VolumeId volume, WalRecords all) throws StorageException {
        long begun = environment.nanoClock().nanos();
        // 1. The epoch is ours.
        Takeover.Taken taken = new Takeover(environment, manifests, config).take(volume);
        Manifest ours = taken.now();
        ExtentMap map = open(ours);
        try {
            // 2. The segments after the checkpoint are in the map, and older writers fenced.
            Applier applier = new Applier(map);
            SegmentWalk.End end =
                    new SegmentWalk(store, environment, ours).walk(taken.before(), applier);
            if (map.appliedSegment() > end.lastSegment()) {
                throw new CorruptDataException(
                        "local index of volume " + ours.name(),
                        0,
                        "it is ahead of the store: segment %d after %d; remove its folder"
                                .formatted(map.appliedSegment(), end.lastSegment()));
            }
            // 3. Then what only the log has.
            LoggedRest rest = new LoggedRest(all, ours);
            LineageSearch.Found before =
                    new LineageSearch(store, volume, end).find(all, rest.leftOver(), rest.since());
            Replay replay = rest.beyond(end.lastLsn(), before.lineage());
            RecoveryReport report =
                    new RecoveryReport(
                            ours.epoch(),
                            ours.checkpoint().segment(),
                            end.lastSegment(),
                            applier.read,
                            applier.applied,
                            replay.size(),
                            before.recordsLeftOver(),
                            environment.nanoClock().nanos() - begun);
            return new Attached(
                    ours,
                    taken.requestedAtNanos(),
                    map,
                    end.lastSegment(),
                    end.lastLsn(),
                    replay,
                    report);
        } catch (StorageException | RuntimeException e) {
            map.close();
            throw e;
        }
    }

    private ExtentMap open(Manifest ours) throws StorageException {
        VolumeId volume = ours.volume();
        return ExtentMap.open(
                new ExtentMapSources(
                        volume,
                        localIndex,
                        store,
                        number -> ObjectKey.map(volume, number),
                        environment),
                pages,
                ExtentMapConfig.DEFAULT,
                ours.checkpoint().map(),
                Long.MAX_VALUE); // what is committed is known after the walk only
    }

    private static final class Applier implements CommittedSegments.Visitor {
        private final ExtentMap map;
        private int read;
        private int applied;

        Applier(ExtentMap map) {
            this.map = map;
        }

        @Override
        public void segment(SegmentTables tables) throws StorageException {
            read++;
            long number = tables.identity().number();
            CommittedExtents extents = new CommittedExtents(tables);
            if (number <= map.appliedSegment()) {
                map.markChanged(number, extents);
            } else {
                map.apply(number, extents, Displaced.ignored());
                applied++;
            }
        }

        @Override
        public void empty(long number) {
            if (number > map.appliedSegment()) {
                map.passOver(number);
            }
        }
    }
}
