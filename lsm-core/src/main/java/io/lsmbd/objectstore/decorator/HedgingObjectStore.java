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
import io.lsmbd.objectstore.decorator.HedgePolicy.Kind;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends a get, or a create-only put of a segment, a second time when the first takes longer than
 * nearly all did of late ({@link HedgePolicy}); what is answered first counts. Nobody waits for the
 * other, so both work on memory of their own, never on the caller's: that is free again when a
 * method returns, as everywhere.
 *
 * <p>Two equal create-only puts may meet: one is stored, the other told that its condition failed,
 * and the latter may be heard first. That is returned as it is ({@link
 * PutOutcome.ConditionFailed}): whoever puts a segment reads the writer back and finds itself. So
 * only segments are put twice, which have their writer in them. A late loser changes nothing,
 * because the object is there and segments of a volume in use are not deleted near its head.
 */
public final class HedgingObjectStore implements ObjectStore {
    /** How long an object that is got whole will be, is not known before; few are longer. */
    private static final long USUAL_OBJECT = 64L << 10;

    private final ObjectStore inner;
    private final Environment environment;
    private final HedgePolicy policy;
    private final HedgeMetrics metrics;

    public HedgingObjectStore(
            ObjectStore inner,
            Environment environment,
            HedgeConfig config,
            MeterRegistry registry) {
        this.inner = inner;
        this.environment = environment;
        this.policy =
                new HedgePolicy(config, environment.nanoClock(), environment.random("hedges"));
        this.metrics = new HedgeMetrics(registry);
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        if (!(condition instanceof PutCondition.IfAbsent)
                || ObjectKey.areaOf(key.value()) != ObjectKey.Area.SEGMENTS) {
            return inner.put(key, body, condition);
        }
        long bytes = body.stream().mapToLong(ByteBuffer::remaining).sum();
        Optional<Duration> delay = policy.begin(Kind.PUT, bytes, bytes);
        if (delay.isEmpty()) {
            return alone(Kind.PUT, bytes, () -> inner.put(key, body, condition));
        }
        ByteBuffer copy = copyOf(body, (int) bytes);
        return new HedgeRace<>(
                        course(Kind.PUT, bytes, bytes),
                        () -> inner.put(key, List.of(copy.duplicate()), condition),
                        HedgingObjectStore::isDecisive)
                .run(delay.get());
    }

    private HedgeRace.Course course(Kind kind, long bytes, long room) {
        return new HedgeRace.Course(environment, policy, metrics, kind, bytes, room);
    }

    /** A put that failed says nothing about the other, and one that is unknown nothing at all. */
    private static boolean isDecisive(HedgeRace.End<PutOutcome> end) {
        return switch (end) {
            case HedgeRace.End.Answered(PutOutcome outcome) ->
                    !(outcome instanceof PutOutcome.Unknown);
            case HedgeRace.End.Failed<PutOutcome> _ -> false;
            case HedgeRace.End.Broken<PutOutcome> _ -> true;
        };
    }

    private static ByteBuffer copyOf(List<ByteBuffer> body, int bytes) {
        ByteBuffer copy = ByteBuffer.allocate(bytes);
        body.forEach(part -> copy.put(part.duplicate()));
        return copy.flip();
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        Optional<Duration> delay = policy.begin(Kind.GET, USUAL_OBJECT, 2 * USUAL_OBJECT);
        return delay.isPresent()
                ? raced(USUAL_OBJECT, delay.get(), () -> inner.get(key))
                : alone(Kind.GET, USUAL_OBJECT, () -> inner.get(key));
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        int bytes = into.remaining();
        Optional<Duration> delay = policy.begin(Kind.GET, bytes, 2L * bytes);
        if (delay.isPresent()) {
            into.put(raced(bytes, delay.get(), () -> readOwn(key, offset, bytes)));
            return;
        }
        var _ =
                alone(
                        Kind.GET,
                        bytes,
                        () -> {
                            inner.read(key, offset, into);
                            return into;
                        });
    }

    private ByteBuffer readOwn(ObjectKey key, long offset, int bytes) throws ObjectStoreException {
        ByteBuffer own = ByteBuffer.allocate(bytes);
        inner.read(key, offset, own);
        return own.flip();
    }

    private <T> T raced(long bytes, Duration delay, HedgeRace.Request<T> request)
            throws ObjectStoreException {
        return new HedgeRace<T>(
                        course(Kind.GET, bytes, 2 * bytes), request, HedgingObjectStore::isFinal)
                .run(delay);
    }

    /** What the store has said about an object, it would say again. */
    private static <T> boolean isFinal(HedgeRace.End<T> end) {
        return !(end instanceof HedgeRace.End.Failed<T>(ObjectStoreException e) && e.isRetryable());
    }

    private <T> T alone(Kind kind, long bytes, HedgeRace.Request<T> request)
            throws ObjectStoreException {
        long started = environment.nanoClock().nanos();
        try {
            T answer = request.attempt();
            policy.ended(kind, bytes, answer, environment.nanoClock().nanos() - started);
            return answer;
        } catch (ObjectStoreException e) {
            policy.failed(e);
            throw e;
        }
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
