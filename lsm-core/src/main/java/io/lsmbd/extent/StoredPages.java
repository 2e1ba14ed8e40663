package io.lsmbd.extent;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.model.VolumeId;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A volume's pages that are not resident: a page in the local index always wins over the tree in
 * the bucket. Any thread.
 */
final class StoredPages {
    private final VolumeId volume;
    private final @Nullable LocalIndex index;

    /** Replaced by the applier once the manifest names another checkpoint. */
    private volatile MapTree tree;

    StoredPages(VolumeId volume, @Nullable LocalIndex index, MapTree tree) {
        this.volume = volume;
        this.index = index;
        this.tree = tree;
    }

    MapTree tree() {
        return tree;
    }

    void setTree(MapTree newTree) {
        tree = newTree;
    }

    /** The page, or null if nothing is known of it, which means unmapped. */
    @Nullable MapPage page(long number) throws StorageException {
        MapPage local = localPage(number);
        if (local != null) {
            return local;
        }
        // After the index: a page is dropped from there only when the tree says the same.
        MapTree current = tree;
        try {
            return current.page(number);
        } catch (ObjectStoreException e) {
            if (e.isNotFound() && tree != current) {
                return page(number);
            }
            throw e;
        }
    }

    /** The page as the local index has it, or null. */
    @Nullable MapPage localPage(long number) throws StorageException {
        if (index == null) {
            return null;
        }
        byte[] bytes = index.getMapPage(volume, number);
        if (bytes == null) {
            return null;
        }
        try {
            return PageFormat.decode(ByteBuffer.wrap(bytes), number);
        } catch (CorruptFormatException e) {
            String problem = "page %d of volume %s: %s".formatted(number, volume, e.getMessage());
            index.noteDamage(problem);
            throw new CorruptDataException("local index", 0, problem);
        }
    }

    /** The first page in {@code [from, to)} that is stored anywhere, else {@code to}. */
    long nextPage(long from, long to) throws StorageException {
        long local = nextLocalPage(from, to);
        MapTree current = tree;
        try {
            return current.nextPage(from, local);
        } catch (ObjectStoreException e) {
            if (e.isNotFound() && tree != current) {
                return nextPage(from, to);
            }
            throw e;
        }
    }

    /** The first page in {@code [from, to)} that is in the local index, else {@code to}. */
    long nextLocalPage(long from, long to) throws StorageException {
        return index == null || from >= to ? to : index.nextMapPage(volume, from, to);
    }
}
