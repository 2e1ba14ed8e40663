package io.lsmbd.objectstore.fault;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object store that goes wrong by plan. A fault that makes no sense for a request (a stale put)
 * is taken for none. What it leaves in the store inside is always what a correct store would have.
 */
public final class FaultyObjectStore implements ObjectStore {
    private static final Logger LOG = LoggerFactory.getLogger(FaultyObjectStore.class);
    private static final int REMEMBERED_PUTS = 1000;

    private final ObjectStore inner;
    private final Environment environment;
    private final FaultPlan plan;

    /** The keys put last, the newest first. */
    private final Deque<ObjectKey> newest = new ArrayDeque<>();

    public FaultyObjectStore(ObjectStore inner, Environment environment, FaultPlan plan) {
        this.inner = inner;
        this.environment = environment;
        this.plan = plan;
    }

    /**
     * One around the other, so that several can strike one request; the first rule is the farthest
     * from the store. The same seed brings the same chances to each rule.
     */
    public static ObjectStore around(
            ObjectStore store, Environment environment, List<FaultRule> rules, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ObjectStore faulty = store;
        for (FaultRule rule : rules.reversed()) {
            FaultPlan plan = new SeededFaults(rule, random.split(), environment.nanoClock());
            faulty = new FaultyObjectStore(faulty, environment, plan);
        }
        return faulty;
    }

    @FunctionalInterface
    private interface Request<T> {
        T run() throws ObjectStoreException;
    }

    private static ObjectStoreException failed(Fault fault, String key) {
        return new ObjectStoreException(
                Outlook.RETRYABLE, "planned " + fault.getClass().getSimpleName() + " of " + key);
    }

    /** All faults that do not depend on what the request is. */
    private <T> T run(Optional<Fault> fault, String key, Request<T> request)
            throws ObjectStoreException {
        if (fault.isEmpty()) {
            return request.run();
        }
        return switch (fault.get()) {
            case Fault.LostRequest lost -> throw failed(lost, key);
            case Fault.Unavailable unavailable -> throw failed(unavailable, key);
            case Fault.SlowDown _ ->
                    throw new ObjectStoreException(
                            Outlook.THROTTLED, "planned slow-down of " + key);
            case Fault.LostReply lost -> {
                T unheard = request.run();
                assert unheard != null;
                throw failed(lost, key);
            }
            case Fault.Delay delay -> {
                environment.sleep(delay.duration());
                yield request.run();
            }
            case Fault.Hang hang -> {
                hang.gate().pass();
                yield request.run();
            }
            case Fault.LateReply late -> {
                T answer = request.run();
                environment.sleep(late.duration());
                yield answer;
            }
            case Fault.Silence silence -> {
                environment.sleep(silence.duration());
                throw failed(silence, key);
            }
            case Fault.LatePut _,
                    Fault.LatePutAfter _,
                    Fault.Conflict _,
                    Fault.RefusedCondition _,
                    Fault.MetItself _,
                    Fault.SlowBody _,
                    Fault.FlippedBit _,
                    Fault.ShortBody _,
                    Fault.StaleList _ ->
                    request.run();
        };
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        Optional<Fault> planned = plan.next(Operation.PUT, key.value());
        Request<PutOutcome> request = () -> remember(key, inner.put(key, body, condition));
        if (planned.isEmpty()) {
            return request.run();
        }
        // Whoever waits for an answer to a put in vain cannot tell whether it was done.
        return switch (planned.get()) {
            case Fault.LostRequest lost -> unknown(lost);
            case Fault.LostReply lost ->
                    new PutOutcome.Unknown("planned " + lost + " to " + request.run());
            case Fault.Silence silence -> {
                environment.sleep(silence.duration());
                yield unknown(silence);
            }
            case Fault.LatePut late -> {
                Request<PutOutcome> later = later(key, body, condition);
                late.gate().later(() -> runLate(key, later));
                yield unknown(late);
            }
            case Fault.LatePutAfter late -> {
                Request<PutOutcome> later = later(key, body, condition);
                environment.spawnVirtual(
                        "late-put",
                        () -> {
                            environment.sleep(late.delay());
                            runLate(key, later);
                        });
                yield unknown(late);
            }
            case Fault.Conflict conflict -> throw failed(conflict, key.value());
            case Fault.RefusedCondition _ when isConditional(condition) ->
                    new PutOutcome.ConditionFailed();
            case Fault.MetItself _ when isConditional(condition) ->
                    request.run() instanceof PutOutcome.Unknown unknown
                            ? unknown
                            : new PutOutcome.ConditionFailed();
            case Fault.SlowBody slow -> {
                environment.sleep(
                        slow.timeOf(body.stream().mapToLong(ByteBuffer::remaining).sum()));
                yield request.run();
            }
            case Fault.Unavailable _,
                    Fault.SlowDown _,
                    Fault.Delay _,
                    Fault.LateReply _,
                    Fault.Hang _,
                    Fault.RefusedCondition _,
                    Fault.MetItself _,
                    Fault.FlippedBit _,
                    Fault.ShortBody _,
                    Fault.StaleList _ ->
                    run(planned, key.value(), request);
        };
    }

    private static PutOutcome unknown(Fault fault) {
        return new PutOutcome.Unknown("planned " + fault);
    }

    private static boolean isConditional(PutCondition condition) {
        return !(condition instanceof PutCondition.Unconditional);
    }

    /** With a copy of the body: the caller's buffers are not ours any more by then. */
    private Request<PutOutcome> later(
            ObjectKey key, List<ByteBuffer> body, PutCondition condition) {
        ByteBuffer copy = copy(body);
        return () -> remember(key, inner.put(key, List.of(copy), condition));
    }

    /** Nobody hears of how it ends, nor may it take the process along: it may have been closed. */
    private static void runLate(ObjectKey key, Request<PutOutcome> request) {
        try {
            PutOutcome outcome = request.run();
            LOG.debug("late put key={} outcome={}", key, outcome);
        } catch (ObjectStoreException | RuntimeException e) {
            LOG.warn("late put failed key={}", key, e);
        }
    }

    private static ByteBuffer copy(List<ByteBuffer> body) {
        ByteBuffer all = ByteBuffer.allocate(body.stream().mapToInt(ByteBuffer::remaining).sum());
        body.forEach(part -> all.put(part.duplicate()));
        return all.flip();
    }

    private synchronized PutOutcome remember(ObjectKey key, PutOutcome outcome) {
        if (outcome instanceof PutOutcome.Stored) {
            newest.addFirst(key);
            if (newest.size() > REMEMBERED_PUTS) {
                newest.removeLast();
            }
        }
        return outcome;
    }

    private synchronized Set<ObjectKey> newest(int count) {
        return newest.stream().distinct().limit(count).collect(Collectors.toSet());
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        Optional<Fault> fault = plan.next(Operation.GET, key.value());
        StoredObject object = run(fault, key.value(), () -> inner.get(key));
        byte[] bytes = object.bytes();
        slowDown(fault, bytes.length);
        if (fault.orElse(null) instanceof Fault.FlippedBit(long bit)) {
            flip(ByteBuffer.wrap(bytes), bit);
        } else if (fault.orElse(null) instanceof Fault.ShortBody(int missing)) {
            bytes = Arrays.copyOf(bytes, Math.max(0, bytes.length - missing));
        }
        return new StoredObject(bytes, object.etag());
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        Optional<Fault> fault = plan.next(Operation.READ, key.value());
        int start = into.position();
        run(
                fault,
                key.value(),
                () -> {
                    inner.read(key, offset, into);
                    return into;
                });
        slowDown(fault, into.position() - start);
        if (fault.orElse(null) instanceof Fault.FlippedBit(long bit)) {
            flip(into.slice(start, into.position() - start), bit);
        } else if (fault.orElse(null) instanceof Fault.ShortBody(int missing)) {
            into.position(Math.max(start, into.position() - missing));
            throw failed(fault.get(), key.value());
        }
    }

    private void slowDown(Optional<Fault> fault, long bytes) {
        if (fault.orElse(null) instanceof Fault.SlowBody slow) {
            environment.sleep(slow.timeOf(bytes));
        }
    }

    private static void flip(ByteBuffer bytes, long bit) {
        if (bytes.hasRemaining()) {
            long at = Math.floorMod(bit, 8L * bytes.remaining());
            int index = (int) (at / 8);
            bytes.put(index, (byte) (bytes.get(index) ^ 1 << (at % 8)));
        }
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        Optional<Fault> fault = plan.next(Operation.INFO, key.value());
        return run(fault, key.value(), () -> inner.info(key));
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        Optional<Fault> fault = plan.next(Operation.LIST, prefix);
        ObjectPage page = run(fault, prefix, () -> inner.list(prefix, after, max));
        if (fault.orElse(null) instanceof Fault.StaleList(int newestKeys)) {
            Set<ObjectKey> unseen = newest(newestKeys);
            return new ObjectPage(
                    page.objects().stream()
                            .filter(object -> !unseen.contains(object.key()))
                            .toList(),
                    page.hasMore());
        }
        return page;
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        String first = keys.stream().map(ObjectKey::value).findFirst().orElse("");
        Optional<Fault> fault = plan.next(Operation.DELETE, first);
        run(
                fault,
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
