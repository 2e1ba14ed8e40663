package io.lsmbd.objectstore.decorator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries again what may succeed later, until a deadline, with jittered and growing pauses. A put
 * that threw is certainly not stored, so it is tried again like the others; one that ended {@link
 * PutOutcome.Unknown} is not: only the caller can tell by reading back.
 */
public final class RetryingObjectStore implements ObjectStore {
    private static final Logger LOG = LoggerFactory.getLogger(RetryingObjectStore.class);

    private final ObjectStore inner;
    private final Environment environment;
    private final RetryConfig config;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final RandomGenerator random;

    public RetryingObjectStore(ObjectStore inner, Environment environment, RetryConfig config) {
        this.inner = inner;
        this.environment = environment;
        this.config = config;
        this.random = environment.random("object-store-retries");
    }

    @FunctionalInterface
    private interface Request<T> {
        T attempt() throws ObjectStoreException;
    }

    private <T> T retrying(String what, Request<T> request) throws ObjectStoreException {
        long started = environment.nanoClock().nanos();
        int failures = 0;
        while (true) {
            try {
                return request.attempt();
            } catch (ObjectStoreException e) {
                failures++;
                if (!e.isRetryable()) {
                    throw e;
                }
                Duration pause = jittered(config.pauseAfter(failures));
                Duration spent = Duration.ofNanos(environment.nanoClock().nanos() - started);
                if (spent.plus(pause).compareTo(config.deadline()) > 0) {
                    throw givenUp(what, failures, spent, e);
                }
                LOG.debug("Trying again request={} failures={}", what, failures, e);
                environment.sleep(pause);
            }
        }
    }

    private static ObjectStoreException givenUp(
            String what, int failures, Duration spent, ObjectStoreException last) {
        return new ObjectStoreException(
                last.outlook(),
                "%s failed %d times in %d ms, last: %s"
                        .formatted(what, failures, spent.toMillis(), last.getMessage()),
                last);
    }

    /** Between half and all of it, so that clients that failed together do not come together. */
    private Duration jittered(Duration pause) {
        long nanos = TimeUnit.NANOSECONDS.convert(pause);
        lock.lock();
        try {
            return Duration.ofNanos(nanos - random.nextLong(nanos / 2 + 1));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        return retrying("put " + key, () -> inner.put(key, body, condition));
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        return retrying("get " + key, () -> inner.get(key));
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        int start = into.position();
        retrying(
                "read " + key,
                () -> {
                    // A failed attempt may have filled a part.
                    into.position(start);
                    inner.read(key, offset, into);
                    return into;
                });
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        return retrying("info " + key, () -> inner.info(key));
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        return retrying("list " + prefix, () -> inner.list(prefix, after, max));
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        retrying(
                "delete",
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
