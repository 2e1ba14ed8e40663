package io.lsmbd.inspect;

import io.lsmbd.admin.api.SegmentDetail;
import io.lsmbd.admin.api.StoreInfo;
import io.lsmbd.admin.api.StoreInfo.StoredVolume;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.SegmentReader;
import io.lsmbd.segment.SegmentReport;
import io.lsmbd.segment.SegmentTables;
import io.lsmbd.segment.SegmentVerifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a store for people: all methods block, may be called from any thread, change nothing. */
public final class StoreInspector {
    private final ObjectStore store;

    public StoreInspector(ObjectStore store) {
        this.store = store;
    }

    /** Where the store is. */
    public String location() {
        return store.location();
    }

    /** Lists everything that the store holds: takes a request per thousand objects. */
    public StoreInfo store() throws StorageException {
        List<StoredVolume> volumes = new ArrayList<>();
        for (VolumeName name : names()) {
            VolumeId id = idOf(name);
            var segments = new Total(ObjectKey.prefixOf(id, ObjectKey.Kind.SEGMENT));
            var packs = new Total(ObjectKey.prefixOf(id, ObjectKey.Kind.PACK));
            var maps = new Total(ObjectKey.prefixOf(id, ObjectKey.Kind.MAP));
            volumes.add(
                    new StoredVolume(
                            name.value(),
                            id.toString(),
                            segments.objects,
                            packs.objects,
                            maps.objects,
                            segments.bytes + packs.bytes + maps.bytes));
        }
        return new StoreInfo(store.location(), volumes);
    }

    /** The volumes, by name. */
    public List<VolumeName> names() throws StorageException {
        String prefix = ObjectKey.volumeNamesPrefix();
        return objects(prefix).stream()
                .map(object -> object.key().value().substring(prefix.length()))
                .filter(VolumeName::isLegal)
                .map(VolumeName::new)
                .toList();
    }

    /** Every segment object of a volume, in commit order. */
    public List<ObjectInfo> segments(VolumeName name) throws StorageException {
        return segments(idOf(name));
    }

    /** As {@link #segments(VolumeName)}. */
    List<ObjectInfo> segments(VolumeId id) throws StorageException {
        return objects(ObjectKey.prefixOf(id, ObjectKey.Kind.SEGMENT));
    }

    /** A segment's tables. */
    public SegmentDetail segment(VolumeName name, long number) throws StorageException {
        ObjectKey key = ObjectKey.segment(idOf(name), number);
        return SegmentDescription.of(name, key, tables(key), null);
    }

    /**
     * A segment's tables, and the result of reading all of it.
     *
     * @throws CorruptDataException if not even the tables can be read
     */
    public SegmentDetail verifiedSegment(VolumeName name, long number) throws StorageException {
        ObjectKey key = ObjectKey.segment(idOf(name), number);
        return SegmentDescription.of(name, key, tables(key), verify(key));
    }

    /** Reads all of an object and checks every byte. */
    public SegmentReport verify(ObjectKey segment) throws StorageException {
        return new SegmentVerifier(store).verify(segment);
    }

    private SegmentTables tables(ObjectKey key) throws StorageException {
        return new SegmentReader(store).readTables(key);
    }

    /** The id that a name leads to. */
    public VolumeId idOf(VolumeName name) throws StorageException {
        ObjectKey key = ObjectKey.volumeName(name);
        try {
            String content = new String(store.get(key).bytes(), StandardCharsets.US_ASCII);
            return VolumeId.parse(content.strip());
        } catch (ObjectStoreException e) {
            if (e.isNotFound()) {
                throw new RefusedException(
                        RefusedException.Reason.NO_SUCH_VOLUME, "there is no volume " + name);
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw new CorruptDataException(key.value(), 0, e);
        }
    }

    private List<ObjectInfo> objects(String prefix) throws StorageException {
        List<ObjectInfo> all = new ArrayList<>();
        @Nullable ObjectKey after = null;
        ObjectPage page;
        do {
            page = store.list(prefix, after, ObjectStore.MAX_PAGE);
            all.addAll(page.objects());
            after = all.isEmpty() ? null : all.getLast().key();
        } while (page.hasMore());
        return all;
    }

    private final class Total {
        private final long objects;
        private final long bytes;

        Total(String prefix) throws StorageException {
            List<ObjectInfo> found = objects(prefix);
            objects = found.size();
            bytes = found.stream().mapToLong(ObjectInfo::sizeBytes).sum();
        }
    }
}
