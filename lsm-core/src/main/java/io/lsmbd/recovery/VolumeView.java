package io.lsmbd.recovery;

import io.lsmbd.env.Environment;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.ExtentMapSources;
import io.lsmbd.extent.ExtentMapView;
import io.lsmbd.extent.PageBudget;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.SegmentTables;
import io.lsmbd.wal.Lineage;
import io.lsmbd.wal.WalRecords;
import io.lsmbd.write.CommittedExtents;
import io.lsmbd.write.Replay;
import org.jspecify.annotations.Nullable;

/**
 * A volume as an attach would find it, without attaching: the same steps, but no epoch is raised,
 * nothing is fenced and nothing written, so it may be in use meanwhile. One thread; waits for the
 * object store.
 */
public final class VolumeView implements AutoCloseable {
    private static final DataSize PAGES = DataSize.ofMebibytes(64);
    private static final int MAX_ATTEMPTS = 10;

    private final Manifest manifest;
    private final ExtentMapView map;
    private final long lastSegment;
    private final long committedLsn;
    private final @Nullable LoggedRest rest;
    private final @Nullable Replay replay;

    private VolumeView(
            Manifest manifest,
            ExtentMapView map,
            long lastSegment,
            long committedLsn,
            @Nullable LoggedRest rest)
            throws StorageException {
        this.manifest = manifest;
        this.map = map;
        this.lastSegment = lastSegment;
        this.committedLsn = committedLsn;
        this.rest = rest;
        this.replay = rest == null ? null : rest.beyond(committedLsn, Lineage.UNBROKEN);
    }

    /**
     * Reads manifest and segments.
     *
     * @param logged what a log holds of the volume, read before this is called: what leaves the log
     *     in between is in segments then; null: no log is looked into
     */
    public static VolumeView open(
            ObjectStore store,
            Environment environment,
            VolumeId volume,
            @Nullable WalRecords logged)
            throws StorageException {
        ManifestStore manifests = new ManifestStore(store, environment);
        ManifestStore.Versioned current = manifests.load(volume);
        for (int attempt = 1; ; attempt++) {
            try {
                return open(store, environment, current.manifest(), logged);
            } catch (FencedException | ObjectStoreException e) {
                // A new writer, or a new checkpoint that lets go of what the old one needs?
                boolean mayHaveMoved =
                        !(e instanceof ObjectStoreException failure) || failure.isNotFound();
                if (!mayHaveMoved || attempt == MAX_ATTEMPTS) {
                    throw e;
                }
                ManifestStore.Versioned now = manifests.load(volume);
                if (now.equals(current)) {
                    throw e;
                }
                current = now;
            }
        }
    }

    private static VolumeView open(
            ObjectStore store,
            Environment environment,
            Manifest manifest,
            @Nullable WalRecords logged)
            throws StorageException {
        VolumeId volume = manifest.volume();
        ExtentMapView map =
                ExtentMapView.open(
                        new ExtentMapSources(
                                volume,
                                null,
                                store,
                                number -> ObjectKey.map(volume, number),
                                environment),
                        new PageBudget(PAGES),
                        manifest.checkpoint().map());
        try {
            CommittedSegments segments =
                    new CommittedSegments(store, manifest, manifest.checkpoint());
            long last = segments.takeAll(new Layers(map));
            return new VolumeView(
                    manifest,
                    map,
                    last,
                    segments.lastLsn(),
                    logged == null ? null : new LoggedRest(logged, manifest));
        } catch (StorageException | RuntimeException e) {
            map.close();
            throw e;
        }
    }

    private record Layers(ExtentMapView map) implements CommittedSegments.Visitor {
        @Override
        public void segment(SegmentTables tables) throws StorageException {
            map.add(tables.identity().number(), new CommittedExtents(tables));
        }

        @Override
        public void empty(long number) {}
    }

    public Manifest manifest() {
        return manifest;
    }

    public ExtentMapView map() {
        return map;
    }

    /** The last number in use. */
    public long lastSegment() {
        return lastSegment;
    }

    /** The last record that segments hold. */
    public long committedLsn() {
        return committedLsn;
    }

    /** What the log holds beyond that; null if none was looked into. */
    public @Nullable Replay replay() {
        return replay;
    }

    /** Records in the log from before another host had the volume: never replayed. */
    public int leftOver() {
        return rest == null ? 0 : rest.leftOver();
    }

    @Override
    public void close() {
        map.close();
    }
}
