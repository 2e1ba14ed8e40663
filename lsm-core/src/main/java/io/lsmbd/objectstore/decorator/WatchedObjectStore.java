package io.lsmbd.objectstore.decorator;

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

/** Tells a {@link StoreHealth} of every attempt; belongs inside {@link RetryingObjectStore}. */
public final class WatchedObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final StoreHealth health;

    public WatchedObjectStore(ObjectStore inner, StoreHealth health) {
        this.inner = inner;
        this.health = health;
    }

    @FunctionalInterface
    private interface Request<T> {
        T attempt() throws ObjectStoreException;
    }

    private <T> T watched(String what, long bytes, Request<T> request) throws ObjectStoreException {
        StoreHealth.Attempt attempt = health.begin(what, bytes);
        String failure = "a bug"; // unless it is found to have ended otherwise
        boolean isAnswered = false;
        try {
            T answer = request.attempt();
            isAnswered = !(answer instanceof PutOutcome.Unknown);
            failure = answer instanceof PutOutcome.Unknown unknown ? unknown.reason() : "";
            return answer;
        } catch (ObjectStoreException e) {
            isAnswered = e.isNotFound();
            failure = String.valueOf(e.getMessage());
            throw e;
        } finally {
            if (isAnswered) {
                health.succeeded(attempt);
            } else {
                health.failed(attempt, failure);
            }
        }
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        long bytes = body.stream().mapToLong(ByteBuffer::remaining).sum();
        return watched("put " + key, bytes, () -> inner.put(key, body, condition));
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        return watched("get " + key, 0, () -> inner.get(key));
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        watched(
                "read " + key,
                into.remaining(),
                () -> {
                    inner.read(key, offset, into);
                    return into;
                });
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        return watched("info " + key, 0, () -> inner.info(key));
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        return watched("list " + prefix, 0, () -> inner.list(prefix, after, max));
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        watched(
                "delete",
                0,
                () -> {
                    inner.delete(keys);
                    return keys;
                });
    }

    @Override
    public void close() {
        inner.close();
    }
}
