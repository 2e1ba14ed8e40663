package io.lsmbd.testkit;

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
import io.lsmbd.testkit.FaultPlan.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An object store that goes wrong by plan. A fault that makes no sense for a request (a stale put)
 * is taken for none. What it leaves in the store inside is always what a correct store would have.
 */
public final class FaultyObjectStore implements ObjectStore {
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

    @FunctionalInterface
    private interface Request<T> {
        T run() throws ObjectStoreException;
    }

    private static ObjectStoreException failed(Fault fault, String key) {
        return new ObjectStoreException(Outlook.RETRYABLE, "planned " + fault + " of " + key);
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
            case Fault.LatePut _, Fault.FlippedBit _, Fault.ShortBody _, Fault.StaleList _ ->
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
        Optional<Fault> fault = plan.next(Operation.PUT, key.value());
        Request<PutOutcome> request = () -> remember(key, inner.put(key, body, condition));
        if (fault.isPresent()) {
            // Whoever waits for an answer to a put in vain cannot tell whether it was done.
            switch (fault.get()) {
                case Fault.LostRequest lost -> {
                    return new PutOutcome.Unknown("planned " + lost);
                }
                case Fault.LostReply lost -> {
                    return new PutOutcome.Unknown("planned " + lost + " to " + request.run());
                }
                case Fault.LatePut late -> {
                    putLater(late.gate(), key, copy(body), condition);
                    return new PutOutcome.Unknown("planned late put");
                }
                case Fault.Unavailable _,
                        Fault.Delay _,
                        Fault.Hang _,
                        Fault.FlippedBit _,
                        Fault.ShortBody _,
                        Fault.StaleList _ -> {}
            }
        }
        return run(fault, key.value(), request);
    }

    private void putLater(Gate gate, ObjectKey key, ByteBuffer body, PutCondition condition) {
        gate.later(() -> {
            try {
                remember(key, inner.put(key, List.of(body), condition));
            } catch (ObjectStoreException e) {
                throw new IllegalStateException("a late put of " + key + " failed", e);
            }
        });
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
        if (fault.orElse(null) instanceof Fault.FlippedBit(long bit)) {
            flip(into.slice(start, into.position() - start), bit);
        } else if (fault.orElse(null) instanceof Fault.ShortBody(int missing)) {
            into.position(Math.max(start, into.position() - missing));
            throw failed(fault.get(), key.value());
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
