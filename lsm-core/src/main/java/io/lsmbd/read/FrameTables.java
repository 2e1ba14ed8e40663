package io.lsmbd.read;

import com.github.benmanes.caffeine.cache.Cache;
import io.lsmbd.cache.FrameLoader;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.model.ByteRange;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.FrameCodec;
import io.lsmbd.segment.FrameEntry;
import io.lsmbd.segment.FrameTable;
import io.lsmbd.segment.SegmentReader;
import io.lsmbd.segment.SegmentTables;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the frames of a volume's segments are in their objects: a bounded cache in memory, the
 * local index behind it, the segment itself behind that. Thread-safe.
 */
public final class FrameTables {
    private static final Logger LOG = LoggerFactory.getLogger(FrameTables.class);

    /** Of one segment of one volume, in the cache that all volumes share. */
    public record Key(VolumeId volume, long segment) {}

    private final VolumeId volume;
    private final ObjectStore store;
    private final LocalIndex localIndex;
    private final Cache<Key, FrameTable> cache;

    /**
     * @param store without retries: they are left to {@link StorePatience}
     * @param cache bounded by weight, shared by all volumes
     */
    public FrameTables(
            VolumeId volume,
            ObjectStore store,
            LocalIndex localIndex,
            Cache<Key, FrameTable> cache) {
        this.volume = volume;
        this.store = store;
        this.localIndex = localIndex;
        this.cache = cache;
    }

    VolumeId volume() {
        return volume;
    }

    /** Remembers a segment's table before anything leads to the segment. */
    public void put(long segment, SegmentTables tables) throws StorageException {
        FrameTable frames = tables.frames();
        localIndex.putFrameTable(volume, segment, frames.encode());
        cache.put(new Key(volume, segment), frames);
    }

    public FrameTable get(long segment) throws StorageException {
        Key key = new Key(volume, segment);
        FrameTable cached = cache.getIfPresent(key);
        if (cached != null) {
            return cached;
        }
        FrameTable loaded = load(segment);
        cache.put(key, loaded);
        return loaded;
    }

    private FrameTable load(long segment) throws StorageException {
        try {
            byte[] local = localIndex.getFrameTable(volume, segment);
            if (local != null) {
                return FrameTable.decode(local);
            }
        } catch (CorruptFormatException | CorruptDataException e) {
            // Derived data: the segment itself is asked again, and decides.
            LOG.warn("local index damaged segment={} reason={}", segment, e.getMessage());
        }
        SegmentTables tables =
                new SegmentReader(store).readTables(ObjectKey.segment(volume, segment));
        localIndex.putFrameTable(volume, segment, tables.frames().encode());
        return tables.frames();
    }

    /** Loads frames of that segment: one ranged get for neighbours, each checked and decoded. */
    public FrameLoader loader(long segment) {
        return (firstFrame, count, plain) -> load(segment, firstFrame, count, plain);
    }

    private void load(long segment, int firstFrame, int count, ByteBuffer[] plain)
            throws StorageException {
        FrameTable table = get(segment);
        ObjectKey key = ObjectKey.segment(volume, segment);
        ByteRange range = table.range(firstFrame, firstFrame + count - 1);
        ByteBuffer stored = ByteBuffer.allocateDirect(Math.toIntExact(range.length()));
        store.read(key, range.offset(), stored);
        stored.flip();
        for (int i = 0; i < count; i++) {
            FrameEntry entry = table.entry(firstFrame + i);
            int at = Math.toIntExact(entry.offset() - range.offset());
            FrameCodec.decode(stored.slice(at, entry.storedBytes()), entry, plain[i], key.value());
            plain[i].flip();
        }
    }
}
