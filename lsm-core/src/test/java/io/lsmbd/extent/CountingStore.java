package io.lsmbd.extent;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import java.nio.ByteBuffer;

/** Counts ranged reads. One thread. */
final class CountingStore extends ForwardingStore {
    int reads;

    CountingStore(ObjectStore store) {
        super(store);
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        reads++;
        super.read(key, offset, into);
    }
}
