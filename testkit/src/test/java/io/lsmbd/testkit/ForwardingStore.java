package io.lsmbd.testkit;

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

/** Does what the store inside does; its subclasses break one thing each. */
class ForwardingStore implements ObjectStore {
    private final ObjectStore inner;

    ForwardingStore(ObjectStore inner) {
        this.inner = inner;
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        return inner.put(key, body, condition);
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        return inner.get(key);
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        inner.read(key, offset, into);
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        return inner.info(key);
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        return inner.list(prefix, after, max);
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        inner.delete(keys);
    }

    @Override
    public void close() {
        inner.close();
    }
}
