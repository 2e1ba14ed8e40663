package io.lsmbd.objectstore.decorator;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import io.lsmbd.objectstore.decorator.ConcurrencyLimit.Answer;
import io.lsmbd.objectstore.decorator.ConcurrencyLimit.Urgency;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends a store that says "slow down" fewer requests at a time ({@link ConcurrencyLimit}); whoever
 * would be one too many waits. Manifests and names are urgent: leases hang on them. Goes inside of
 * what retries, so that nobody holds a place while pausing.
 *
 * <pre>
 * lsmbd_store_limit                     requests that may be under way
 * lsmbd_store_requests_under_way        those that are
 * lsmbd_store_requests_waiting          those that would be too many
 * lsmbd_store_throttled_total           answers "slow down"
 * </pre>
 */
public final class LimitingObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final ConcurrencyLimit limit;
    private final Counter throttled;

    public LimitingObjectStore(ObjectStore inner, Environment environment, MeterRegistry registry) {
        this.inner = inner;
        this.limit = new ConcurrencyLimit(environment);
        this.throttled =
                Counter.builder("lsmbd.store.throttled")
                        .description("Requests that the store refused because they are too many")
                        .register(registry);
        gauge(
                registry,
                "lsmbd.store.limit",
                "Requests to the store that may be under way; falls when it refuses some",
                ConcurrencyLimit::limit);
        gauge(
                registry,
                "lsmbd.store.requests.under.way",
                "Requests to the store that are under way",
                ConcurrencyLimit::underWay);
        gauge(
                registry,
                "lsmbd.store.requests.waiting",
                "Requests to the store that wait because of lsmbd_store_limit",
                ConcurrencyLimit::waiting);
    }

    private void gauge(
            MeterRegistry registry,
            String name,
            String description,
            ToDoubleFunction<ConcurrencyLimit> value) {
        Gauge.builder(name, limit, value).description(description).register(registry);
    }

    @FunctionalInterface
    private interface Request<T> {
        T attempt() throws ObjectStoreException;
    }

    private <T> T limited(String keyOrPrefix, Request<T> request) throws ObjectStoreException {
        long entered = limit.enter(urgencyOf(keyOrPrefix));
        Answer answer = Answer.FAILED;
        try {
            T result = request.attempt();
            answer = answerIn(result);
            return result;
        } catch (ObjectStoreException e) {
            answer = answerIn(e);
            throw e;
        } finally {
            if (answer == Answer.THROTTLED) {
                throttled.increment();
            }
            limit.leave(entered, answer);
        }
    }

    private static Urgency urgencyOf(String keyOrPrefix) {
        return switch (ObjectKey.areaOf(keyOrPrefix)) {
            case MANIFEST, NAMES -> Urgency.URGENT;
            case SEGMENTS, PACKS, MAP, OTHER -> Urgency.ORDINARY;
        };
    }

    private static Answer answerIn(Object result) {
        if (result instanceof PutOutcome.Unknown(String _, PutOutcome.Unknown.Why why)) {
            return why == PutOutcome.Unknown.Why.THROTTLED ? Answer.THROTTLED : Answer.FAILED;
        }
        return Answer.GIVEN;
    }

    private static Answer answerIn(ObjectStoreException e) {
        if (e.isThrottling()) {
            return Answer.THROTTLED;
        }
        return e.isNotFound() ? Answer.GIVEN : Answer.FAILED;
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        return limited(key.value(), () -> inner.put(key, body, condition));
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        return limited(key.value(), () -> inner.get(key));
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        var _ =
                limited(
                        key.value(),
                        () -> {
                            inner.read(key, offset, into);
                            return into;
                        });
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        return limited(key.value(), () -> inner.info(key));
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        return limited(prefix, () -> inner.list(prefix, after, max));
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        String first = keys.isEmpty() ? "" : keys.iterator().next().value();
        var _ =
                limited(
                        first,
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
