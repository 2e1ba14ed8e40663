package io.lsmbd.extent;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Another store, as it is. */
class ForwardingStore implements ObjectStore {
    private final ObjectStore store;

    ForwardingStore(ObjectStore store) {
        this.store = store;
    }

    @Override
    public String location() {
        return store.location();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        return store.put(key, body, condition);
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        return store.get(key);
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        store.read(key, offset, into);
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        return store.info(key);
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        return store.list(prefix, after, max);
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        store.delete(keys);
    }

    @Override
    public void close() {}
}
