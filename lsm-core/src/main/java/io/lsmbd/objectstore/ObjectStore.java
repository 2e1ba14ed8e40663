package io.lsmbd.objectstore;

import io.lsmbd.error.ObjectStoreException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place for immutable objects and a few that change by compare-and-swap. All methods block, may
 * be called from any thread, and throw {@link ObjectStoreException}; only its outlook NOT_FOUND
 * says that an object is absent. What was stored or deleted is seen by every later call of anyone.
 */
public interface ObjectStore extends AutoCloseable {
    /** The most that {@link #get} brings; larger objects are read in ranges. */
    int MAX_WHOLE_OBJECT_BYTES = 16 << 20;

    /** The most keys of one {@link #list} page. */
    int MAX_PAGE = 1000;

    /** For messages: where this store is, without secrets. */
    String location();

    /**
     * Stores all remaining bytes of {@code body}, atomically and durably: nobody ever sees a part.
     * The buffers' positions do not change; they are not read any more once this returns or throws.
     * Throws only if the object is certainly not stored by this call; else see {@link PutOutcome}.
     */
    PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException;

    /** A whole object of at most {@link #MAX_WHOLE_OBJECT_BYTES}; throws NOT_FOUND if absent. */
    StoredObject get(ObjectKey key) throws ObjectStoreException;

    /** Fills {@code into} with the object's bytes from {@code offset}; too few are an error. */
    void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException;

    /** The object's size and version; throws NOT_FOUND if absent. */
    ObjectInfo info(ObjectKey key) throws ObjectStoreException;

    /** Up to {@code max} objects whose keys start with {@code prefix}, after key {@code after}. */
    ObjectPage list(String prefix, @Nullable ObjectKey after, int max) throws ObjectStoreException;

    /** Deletes what is there of these; absent keys are no error. */
    void delete(Collection<ObjectKey> keys) throws ObjectStoreException;

    @Override
    void close();
}
