package io.lsmbd.objectstore.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.env.WallClock;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Keeps objects in the heap. Deterministic: the n-th put of a store's life has ETag {@code n}. */
public final class MemoryObjectStore implements ObjectStore {
    private final WallClock clock;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final TreeMap<ObjectKey, Content> objects = new TreeMap<>();

    @GuardedBy("lock")
    private long puts;

    private record Content(byte[] bytes, ETag etag, long modifiedMillis) {
        ObjectInfo info(ObjectKey key) {
            return new ObjectInfo(key, bytes.length, etag, modifiedMillis);
        }
    }

    public MemoryObjectStore(WallClock clock) {
        this.clock = clock;
    }

    @Override
    public String location() {
        return "mem:";
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition) {
        byte[] bytes = copy(body);
        long now = clock.millis();
        lock.lock();
        try {
            Content there = objects.get(key);
            boolean holds =
                    switch (condition) {
                        case PutCondition.IfAbsent _ -> there == null;
                        case PutCondition.IfMatches(ETag etag) ->
                                there != null && there.etag.equals(etag);
                        case PutCondition.Unconditional _ -> true;
                    };
            if (!holds) {
                return new PutOutcome.ConditionFailed();
            }
            ETag etag = new ETag(Long.toString(++puts));
            objects.put(key, new Content(bytes, etag, now));
            return new PutOutcome.Stored(etag);
        } finally {
            lock.unlock();
        }
    }

    private static byte[] copy(List<ByteBuffer> body) {
        long size = body.stream().mapToLong(ByteBuffer::remaining).sum();
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(size));
        for (ByteBuffer part : body) {
            all.put(part.duplicate());
        }
        return all.array();
    }

    private Content require(ObjectKey key) throws ObjectStoreException {
        lock.lock();
        try {
            Content there = objects.get(key);
            if (there == null) {
                throw new ObjectStoreException(Outlook.NOT_FOUND, "no object " + key);
            }
            return there;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        Content there = require(key);
        if (there.bytes.length > MAX_WHOLE_OBJECT_BYTES) {
            throw new ObjectStoreException(
                    Outlook.FINAL,
                    "%s has %d bytes, more than the %d that may be read at once"
                            .formatted(key, there.bytes.length, MAX_WHOLE_OBJECT_BYTES));
        }
        return new StoredObject(there.bytes.clone(), there.etag);
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        byte[] bytes = require(key).bytes;
        if (offset < 0 || offset > bytes.length - into.remaining()) {
            throw new ObjectStoreException(
                    Outlook.FINAL,
                    "short answer: %s has %d bytes, %d to %d were asked for"
                            .formatted(key, bytes.length, offset, offset + into.remaining()));
        }
        into.put(bytes, (int) offset, into.remaining());
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        return require(key).info(key);
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max) {
        if (max < 1 || max > MAX_PAGE) {
            throw new IllegalArgumentException("a page of " + max + " keys, not 1 to " + MAX_PAGE);
        }
        List<ObjectInfo> found = new ArrayList<>();
        lock.lock();
        try {
            var rest = after == null ? objects : objects.tailMap(after, false);
            for (var entry : rest.entrySet()) {
                String key = entry.getKey().value();
                if (!key.startsWith(prefix)) {
                    if (key.compareTo(prefix) > 0) {
                        break;
                    }
                    continue;
                }
                if (found.size() == max) {
                    return new ObjectPage(found, true);
                }
                found.add(entry.getValue().info(entry.getKey()));
            }
            return new ObjectPage(found, false);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void delete(Collection<ObjectKey> keys) {
        lock.lock();
        try {
            keys.forEach(objects::remove);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {}
}
