package io.lsmbd.localindex;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local index of a data directory; see the package. Thread-safe; calls may wait for the local
 * disk. They throw {@link CorruptDataException} for a value that fails its check (the index is then
 * not to be trusted: the next start rebuilds it), {@link LocalStorageException} if the disk fails,
 * and {@link io.lsmbd.error.VolumeClosedException} after {@link #close}. What was written is seen
 * by every later call, and survives a crash from the next {@link #flush} on, at the latest.
 */
public final class LocalIndex implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalIndex.class);
    private static final byte[] FIRST_KEY = {};

    private final NativeDatabase database;
    private final IndexAccess access;
    private final IndexOrigin origin;

    private LocalIndex(NativeDatabase database, IndexAccess access, IndexOrigin origin) {
        this.database = database;
        this.access = access;
        this.origin = origin;
    }

    /**
     * Opens the index in {@code folder}, creates it if there is none, and replaces it by an empty
     * one if it is damaged, see {@link #origin}. A folder that another process holds, and a disk
     * that refuses, are errors and change nothing.
     */
    public static LocalIndex open(Path folder, LocalIndexConfig config) throws StorageException {
        IndexFolder place = new IndexFolder(folder.toAbsolutePath().normalize());
        if (place.isEmpty()) {
            place.create();
            return create(place, config, new IndexOrigin.Created());
        }
        Optional<String> damage = place.notedDamage();
        if (damage.isEmpty()) {
            try {
                LocalIndex index = openExisting(place, config);
                LOG.debug("opened the local index folder={}", place.path());
                return index;
            } catch (CorruptDataException e) {
                damage = Optional.of(String.valueOf(e.getMessage()));
            }
        }
        String reason = damage.orElseThrow();
        Path movedTo = place.moveAside();
        LOG.warn("the local index is damaged and starts empty: {} kept={}", reason, movedTo);
        place.create();
        return create(place, config, new IndexOrigin.Rebuilt(reason, movedTo));
    }

    private static LocalIndex openExisting(IndexFolder place, LocalIndexConfig config)
            throws StorageException {
        LocalIndex index = openNative(place, config, new IndexOrigin.Opened());
        try {
            byte[] version = index.access.get(Family.DEFAULT, LocalIndexFormat.VERSION_KEY);
            if (!Arrays.equals(version, LocalIndexFormat.versionValue())) {
                throw new CorruptDataException(
                        "local index " + place.path(), 0, "not of this version");
            }
            return index;
        } catch (StorageException e) {
            index.database.close();
            throw e;
        }
    }

    private static LocalIndex create(IndexFolder place, LocalIndexConfig config, IndexOrigin origin)
            throws StorageException {
        LocalIndex index = openNative(place, config, origin);
        index.access.put(
                Family.DEFAULT, LocalIndexFormat.VERSION_KEY, LocalIndexFormat.versionValue());
        index.access.flush();
        return index;
    }

    private static LocalIndex openNative(
            IndexFolder place, LocalIndexConfig config, IndexOrigin origin)
            throws StorageException {
        try {
            NativeDatabase database = NativeDatabase.open(place.path(), config);
            return new LocalIndex(database, new IndexAccess(place, database), origin);
        } catch (RocksDBException e) {
            if (isDamagedFolder(e)) {
                throw new CorruptDataException("local index " + place.path(), 0, e);
            }
            throw new LocalStorageException(
                    "cannot open the local index %s: %s".formatted(place.path(), e.getMessage()),
                    e);
        }
    }

    /** A lock held by another process and a full or forbidding disk are not damage. */
    private static boolean isDamagedFolder(RocksDBException e) {
        Status status = e.getStatus();
        if (status == null) {
            return false;
        }
        String message = String.valueOf(e.getMessage());
        return switch (status.getCode()) {
            case Corruption, NotFound, InvalidArgument, NotSupported -> true;
            case IOError ->
                    message.contains("No such file or directory")
                            || message.contains("Input/output error");
            case Ok,
                    MergeInProgress,
                    Incomplete,
                    ShutdownInProgress,
                    TimedOut,
                    Aborted,
                    Busy,
                    Expired,
                    TryAgain,
                    Undefined ->
                    false;
        };
    }

    public IndexOrigin origin() {
        return origin;
    }

    public byte @Nullable [] getMapPage(VolumeId volume, long page) throws StorageException {
        return access.get(Family.MAP, LocalIndexFormat.numberedKey(volume, page));
    }

    /** The first page in {@code [fromPage, toPage)} that is there, else {@code toPage}. */
    public long nextMapPage(VolumeId volume, long fromPage, long toPage) throws StorageException {
        byte[] key =
                access.firstKey(
                        Family.MAP,
                        LocalIndexFormat.numberedKey(volume, fromPage),
                        LocalIndexFormat.numberedKey(volume, toPage));
        return key == null ? toPage : LocalIndexFormat.numberOf(key);
    }

    /** Visits the pages in {@code [fromPage, toPage)} that are there. */
    public void forEachMapPage(VolumeId volume, long fromPage, long toPage, NumberedVisitor visitor)
            throws StorageException {
        access.scan(
                Family.MAP,
                LocalIndexFormat.numberedKey(volume, fromPage),
                LocalIndexFormat.numberedKey(volume, toPage),
                (key, value) -> visitor.visit(LocalIndexFormat.numberOf(key), value));
    }

    /** Visits all segment states of a volume. */
    public void forEachSegmentState(VolumeId volume, NumberedVisitor visitor)
            throws StorageException {
        access.scan(
                Family.SEGMENTS,
                LocalIndexFormat.numberedKey(volume, 0),
                LocalIndexFormat.keyAfterVolume(volume),
                (key, value) -> visitor.visit(LocalIndexFormat.numberOf(key), value));
    }

    public byte @Nullable [] getMeta(VolumeId volume) throws StorageException {
        return access.get(Family.META, LocalIndexFormat.volumeKey(volume));
    }

    /** An empty batch for {@link #write}; the caller closes it before this index. */
    public MapBatch newBatch(VolumeId volume) {
        return new MapBatch(access, volume);
    }

    /** Applies the batch: all of it or nothing, also across a crash. */
    public void write(MapBatch batch) throws StorageException {
        access.write(batch.nativeBatch());
    }

    public byte @Nullable [] getFrameTable(VolumeId volume, long segment) throws StorageException {
        return access.get(Family.FRAMES, LocalIndexFormat.numberedKey(volume, segment));
    }

    public void putFrameTable(VolumeId volume, long segment, byte[] value) throws StorageException {
        access.put(Family.FRAMES, LocalIndexFormat.numberedKey(volume, segment), value);
    }

    public void deleteFrameTable(VolumeId volume, long segment) throws StorageException {
        access.delete(Family.FRAMES, LocalIndexFormat.numberedKey(volume, segment));
    }

    public byte @Nullable [] getWalDigest(UUID file) throws StorageException {
        return access.get(Family.WAL, LocalIndexFormat.uuidKey(file));
    }

    public void putWalDigest(UUID file, byte[] digest) throws StorageException {
        access.put(Family.WAL, LocalIndexFormat.uuidKey(file), digest);
    }

    public void deleteWalDigest(UUID file) throws StorageException {
        access.delete(Family.WAL, LocalIndexFormat.uuidKey(file));
    }

    /** The files that have a digest; a handful. */
    public List<UUID> listWalDigests() throws StorageException {
        List<UUID> files = new ArrayList<>();
        access.scan(
                Family.WAL, FIRST_KEY, null, (key, _) -> files.add(LocalIndexFormat.uuidOf(key)));
        return files;
    }

    /**
     * Forgets everything about a volume, durably: pages that were dropped because they contradict
     * the bucket must not come back with a crash and look right later.
     */
    public void dropVolume(VolumeId volume) throws StorageException {
        byte[] from = LocalIndexFormat.volumeKey(volume);
        byte[] to = LocalIndexFormat.keyAfterVolume(volume);
        try (WriteBatch batch = new WriteBatch()) {
            access.collect(db -> {
                batch.delete(db.handle(Family.META), from);
                batch.deleteRange(db.handle(Family.MAP), from, to);
                batch.deleteRange(db.handle(Family.SEGMENTS), from, to);
                batch.deleteRange(db.handle(Family.FRAMES), from, to);
            });
            access.write(batch);
        }
        access.flush();
    }

    /**
     * Writes down that this index must not be trusted any more: the next start replaces it. For an
     * owner of values that finds one intact but impossible.
     */
    public void noteDamage(String reason) {
        access.noteDamage(reason);
    }

    /** Makes everything written so far survive a crash, all of it as of one moment. */
    public void flush() throws StorageException {
        access.flush();
    }

    /** Waits for calls under way, flushes and closes. Idempotent. */
    @Override
    public void close() throws StorageException {
        access.close();
    }
}
