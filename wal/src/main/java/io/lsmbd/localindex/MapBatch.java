package io.lsmbd.localindex;

import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import org.rocksdb.WriteBatch;

/**
 * Changes of one volume that take effect together or not at all, from {@link LocalIndex#newBatch}
 * to {@link LocalIndex#write}. Lives in native memory: close it. One thread.
 */
public final class MapBatch implements AutoCloseable {
    private final IndexAccess access;
    private final VolumeId volume;
    private final WriteBatch batch = new WriteBatch();

    MapBatch(IndexAccess access, VolumeId volume) {
        this.access = access;
        this.volume = volume;
    }

    public void putPage(long page, byte[] value) throws StorageException {
        put(Family.MAP, LocalIndexFormat.numberedKey(volume, page), value);
    }

    public void deletePage(long page) throws StorageException {
        delete(Family.MAP, LocalIndexFormat.numberedKey(volume, page));
    }

    public void putSegmentState(long segment, byte[] value) throws StorageException {
        put(Family.SEGMENTS, LocalIndexFormat.numberedKey(volume, segment), value);
    }

    public void deleteSegmentState(long segment) throws StorageException {
        delete(Family.SEGMENTS, LocalIndexFormat.numberedKey(volume, segment));
    }

    public void putMeta(byte[] value) throws StorageException {
        put(Family.META, LocalIndexFormat.volumeKey(volume), value);
    }

    /** Bytes collected so far. */
    public long sizeBytes() {
        return batch.getDataSize();
    }

    WriteBatch nativeBatch() {
        return batch;
    }

    private void put(Family family, byte[] key, byte[] value) throws StorageException {
        access.collect(db -> batch.put(db.handle(family), key, LocalIndexFormat.seal(key, value)));
    }

    private void delete(Family family, byte[] key) throws StorageException {
        access.collect(db -> batch.delete(db.handle(family), key));
    }

    @Override
    public void close() {
        batch.close();
    }
}
