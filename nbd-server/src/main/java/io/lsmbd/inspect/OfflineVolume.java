package io.lsmbd.inspect;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lsmbd.admin.api.CompressionText;
import io.lsmbd.admin.api.Durability;
import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.VolumeDetail;
import io.lsmbd.admin.api.VolumeDetail.LogPart;
import io.lsmbd.admin.api.VolumeDetail.Positions;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.admin.api.VolumeState;
import io.lsmbd.env.Environment;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.model.ByteRange;
import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.recovery.VolumeView;
import io.lsmbd.segment.FrameTable;
import io.lsmbd.segment.SegmentReader;
import io.lsmbd.wal.WalFileInfo;
import io.lsmbd.wal.WalInspection;
import io.lsmbd.wal.WalKind;
import io.lsmbd.wal.WalRecords;
import io.lsmbd.wal.index.ExtentIndex;
import io.lsmbd.wal.index.ExtentList;
import io.lsmbd.write.Replay;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A volume of a store, looked at without attaching it: what the next attach would find. It may be
 * in use meanwhile. Blocks; one thread.
 */
public final class OfflineVolume implements AutoCloseable {
    /** Most of them take some KiB. */
    private static final int MAX_FRAME_TABLES = 1000;

    private final VolumeView view;
    private final Sources sources;

    private OfflineVolume(ObjectStore store, VolumeView view, @Nullable WalInspection log) {
        this.view = view;
        this.sources = new Sources(store, view, log == null ? List.of() : log.report().files());
    }

    /**
     * Reads manifest and segments.
     *
     * @param log that keeps the volume's records, opened before and closed after this; null: what
     *     the store alone has
     */
    public static OfflineVolume open(
            ObjectStore store, Environment environment, VolumeId id, @Nullable WalInspection log)
            throws StorageException {
        WalRecords logged = log == null ? null : log.records(id);
        return new OfflineVolume(store, VolumeView.open(store, environment, id, logged), log);
    }

    /** As the daemon's inspection has it. */
    public VolumeDetail detail(VolumeInsides.Segments wanted) throws StorageException {
        Replay replay = view.replay();
        LogPart part = replay == null ? null : describe(replay);
        long committed = view.committedLsn();
        return new VolumeInsides(
                        view.manifest(),
                        view.lastSegment(),
                        view.map().segments(),
                        new Positions(committed + (part == null ? 0 : part.records()), committed),
                        part)
                .describe(info(part == null ? 0 : part.bytes()), wanted);
    }

    private LogPart describe(Replay replay) {
        WalRecords records = replay.records();
        long sectors = 0;
        for (int i = replay.from(); i < records.size(); i++) {
            sectors += records.kind(i) == WalKind.WRITE ? records.sectors(i) : 0;
        }
        long count = replay.size();
        long committed = view.committedLsn();
        return new LogPart(
                count,
                Sectors.toBytes(sectors),
                count == 0 ? null : committed + 1,
                count == 0 ? null : committed + count,
                view.leftOver());
    }

    private VolumeInfo info(long unuploadedBytes) throws StorageException {
        Manifest manifest = view.manifest();
        Space space = Space.of(view.map().segments());
        return new VolumeInfo(
                manifest.name().value(),
                manifest.volume().toString(),
                VolumeState.OFFLINE,
                manifest.sizeBytes(),
                Sectors.toBytes(space.liveSectors()),
                space.storedBytes(),
                unuploadedBytes,
                0,
                0,
                0,
                new CompressionText(manifest.compression()),
                Durability.valueOf(manifest.durability().name()),
                manifest.deleted()
                        ? "being deleted; to finish: lsmctl volume delete " + manifest.name()
                        : null);
    }

    /** Where a range is; see {@link LbaInspector}. */
    public LbaInfo lba(ByteRange range) throws StorageException {
        return LbaInspector.inspect(sources, range);
    }

    @Override
    public void close() {
        view.close();
    }

    private static final class Sources implements LbaSources {
        private final ObjectStore store;
        private final VolumeView view;
        private final List<WalFileInfo> logFiles;
        private final ExtentIndex index = new ExtentIndex();
        private final Cache<Long, FrameTable> frames =
                Caffeine.newBuilder().maximumSize(MAX_FRAME_TABLES).build();

        Sources(ObjectStore store, VolumeView view, List<WalFileInfo> logFiles) {
            this.store = store;
            this.view = view;
            this.logFiles = logFiles;
            Replay replay = view.replay();
            if (replay != null) {
                WalRecords records = replay.records();
                for (int i = replay.from(); i < records.size(); i++) {
                    index.put(records.lba(i), records.sectors(i), records.location(i));
                }
            }
        }

        @Override
        public String name() {
            return view.manifest().name().value();
        }

        @Override
        public long sizeBytes() {
            return view.manifest().sizeBytes();
        }

        @Override
        public void lookUpLog(long lba, long sectors, ExtentList out) {
            index.lookup(lba, sectors, out);
        }

        @Override
        public void lookUpMap(long lba, long sectors, MapRuns out) throws StorageException {
            view.map().lookup(lba, sectors, out);
        }

        @Override
        public FrameTable frames(long segment) throws StorageException {
            FrameTable known = frames.getIfPresent(segment);
            if (known != null) {
                return known;
            }
            ObjectKey key = ObjectKey.segment(view.manifest().volume(), segment);
            FrameTable read = new SegmentReader(store).readTables(key).frames();
            frames.put(segment, read);
            return read;
        }

        @Override
        public List<WalFileInfo> logFiles() {
            return logFiles;
        }
    }
}
