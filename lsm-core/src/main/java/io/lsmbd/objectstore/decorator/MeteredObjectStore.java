package io.lsmbd.objectstore.decorator;

import io.lsmbd.env.NanoClock;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import io.lsmbd.objectstore.decorator.ObjectStoreMetrics.Operation;
import io.lsmbd.objectstore.decorator.ObjectStoreMetrics.Result;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Counts and times every request, after it ended; see {@link ObjectStoreMetrics}. */
public final class MeteredObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final NanoClock clock;
    private final ObjectStoreMetrics metrics;

    public MeteredObjectStore(
            ObjectStore inner, NanoClock clock, MeterRegistry registry, StorePrices prices) {
        this.inner = inner;
        this.clock = clock;
        this.metrics = new ObjectStoreMetrics(registry, prices);
    }

    /** What requests came to so far, by purpose; in no particular moment of those under way. */
    public List<StoreUse> use() {
        return metrics.use();
    }

    @FunctionalInterface
    private interface Request<T> {
        T attempt() throws ObjectStoreException;
    }

    private <T> T measured(Operation operation, Purpose purpose, Request<T> request)
            throws ObjectStoreException {
        return measured(operation, purpose, request, _ -> Result.OK);
    }

    private <T> T measured(
            Operation operation, Purpose purpose, Request<T> request, Function<T, Result> result)
            throws ObjectStoreException {
        long started = clock.nanos();
        try {
            T answer = request.attempt();
            metrics.ended(operation, purpose, result.apply(answer), clock.nanos() - started);
            return answer;
        } catch (ObjectStoreException e) {
            metrics.ended(operation, purpose, resultOf(e), clock.nanos() - started);
            throw e;
        }
    }

    private static Result resultOf(ObjectStoreException e) {
        return switch (e.outlook()) {
            case RETRYABLE -> Result.RETRYABLE;
            case THROTTLED -> Result.THROTTLED;
            case FINAL -> Result.FINAL;
            case NOT_FOUND -> Result.NOT_FOUND;
        };
    }

    private static Result resultOf(PutOutcome outcome) {
        return switch (outcome) {
            case PutOutcome.Stored _ -> Result.OK;
            case PutOutcome.ConditionFailed _ -> Result.CONDITION_FAILED;
            case PutOutcome.Unknown _ -> Result.UNKNOWN;
        };
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        Purpose purpose = Purpose.of(Operation.PUT, key.value());
        PutOutcome outcome =
                measured(
                        Operation.PUT,
                        purpose,
                        () -> inner.put(key, body, condition),
                        MeteredObjectStore::resultOf);
        metrics.sent(purpose, body.stream().mapToLong(ByteBuffer::remaining).sum());
        return outcome;
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        Purpose purpose = Purpose.of(Operation.GET, key.value());
        StoredObject object = measured(Operation.GET, purpose, () -> inner.get(key));
        metrics.received(purpose, object.bytes().length);
        return object;
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        Purpose purpose = Purpose.of(Operation.READ, key.value());
        int wanted = into.remaining();
        measured(
                Operation.READ,
                purpose,
                () -> {
                    inner.read(key, offset, into);
                    return into;
                });
        metrics.received(purpose, wanted);
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        return measured(
                Operation.INFO, Purpose.of(Operation.INFO, key.value()), () -> inner.info(key));
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        return measured(
                Operation.LIST,
                Purpose.of(Operation.LIST, prefix),
                () -> inner.list(prefix, after, max));
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        String first = keys.isEmpty() ? "" : keys.iterator().next().value();
        measured(
                Operation.DELETE,
                Purpose.of(Operation.DELETE, first),
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
