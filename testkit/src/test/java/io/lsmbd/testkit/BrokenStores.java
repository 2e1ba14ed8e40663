package io.lsmbd.testkit;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stores as they are met in the field, each wrong in one way. */
final class BrokenStores {
    private BrokenStores() {}

    /** Knows no such condition and passes over it, as S3 servers do with unknown headers. */
    static final class IgnoresCondition extends ForwardingStore {
        private final Class<? extends PutCondition> ignored;

        IgnoresCondition(ObjectStore inner, Class<? extends PutCondition> ignored) {
            super(inner);
            this.ignored = ignored;
        }

        @Override
        public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
                throws ObjectStoreException {
            return super.put(
                    key,
                    body,
                    ignored.isInstance(condition) ? new PutCondition.Unconditional() : condition);
        }
    }

    /**
     * Looks whether the condition holds, then stores: right for one writer, wrong for two at a
     * time. It waits a little in between, until a second writer is there as well.
     */
    static final class ChecksThenStores extends ForwardingStore {
        private static final Duration WINDOW = Duration.ofMillis(50);
        private final Class<? extends PutCondition> checked;
        private final Signal arrived;
        private final Map<ObjectKey, AtomicInteger> writers = new ConcurrentHashMap<>();

        ChecksThenStores(
                ObjectStore inner, Environment environment, Class<? extends PutCondition> checked) {
            super(inner);
            this.checked = checked;
            this.arrived = environment.signal();
        }

        @Override
        public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
                throws ObjectStoreException {
            if (!checked.isInstance(condition)) {
                return super.put(key, body, condition);
            }
            if (!holds(key, condition)) {
                return new PutOutcome.ConditionFailed();
            }
            AtomicInteger here = writers.computeIfAbsent(key, _ -> new AtomicInteger());
            here.incrementAndGet();
            arrived.signalAll();
            var _ = arrived.await(() -> here.get() > 1, WINDOW);
            PutOutcome outcome = super.put(key, body, new PutCondition.Unconditional());
            here.decrementAndGet();
            return outcome;
        }

        private boolean holds(ObjectKey key, PutCondition condition) throws ObjectStoreException {
            try {
                ObjectInfo there = info(key);
                return condition instanceof PutCondition.IfMatches(var etag)
                        && there.etag().equals(etag);
            } catch (ObjectStoreException e) {
                if (e.isNotFound()) {
                    return condition instanceof PutCondition.IfAbsent;
                }
                throw e;
            }
        }
    }

    /** Answers a get with the object's version before the last. */
    static final class ReadsStale extends ForwardingStore {
        private final Map<ObjectKey, StoredObject> before = new ConcurrentHashMap<>();

        ReadsStale(ObjectStore inner) {
            super(inner);
        }

        @Override
        public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
                throws ObjectStoreException {
            try {
                before.put(key, super.get(key));
            } catch (ObjectStoreException e) {
                if (!e.isNotFound()) {
                    throw e;
                }
            }
            return super.put(key, body, condition);
        }

        @Override
        public StoredObject get(ObjectKey key) throws ObjectStoreException {
            StoredObject now = super.get(key);
            return before.getOrDefault(key, now);
        }
    }

    /** Answers every range from the object's beginning, as a proxy does that drops the header. */
    static final class IgnoresOffset extends ForwardingStore {
        IgnoresOffset(ObjectStore inner) {
            super(inner);
        }

        @Override
        public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
            super.read(key, offset, into.duplicate());
            super.read(key, 0, into);
        }
    }

    /** Answers a range that goes beyond the end with what there is, and calls that well. */
    static final class FillsUp extends ForwardingStore {
        FillsUp(ObjectStore inner) {
            super(inner);
        }

        @Override
        public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
            long rest = Math.clamp(info(key).sizeBytes() - offset, 0, into.remaining());
            super.read(key, rest == 0 ? 0 : offset, into.slice(into.position(), (int) rest));
            into.position(into.limit());
        }
    }

    /** Loses the end of large bodies. */
    static final class CutsBodies extends ForwardingStore {
        private static final int MOST = 64 << 10;

        CutsBodies(ObjectStore inner) {
            super(inner);
        }

        @Override
        public StoredObject get(ObjectKey key) throws ObjectStoreException {
            StoredObject whole = super.get(key);
            int length = Math.min(MOST, whole.bytes().length);
            return new StoredObject(Arrays.copyOf(whole.bytes(), length), whole.etag());
        }
    }

    /** Has no right to delete, and says so. */
    static final class RefusesDeletes extends ForwardingStore {
        RefusesDeletes(ObjectStore inner) {
            super(inner);
        }

        @Override
        public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
            throw new ObjectStoreException(Outlook.FINAL, "AccessDenied: may not delete");
        }
    }

    /** Deletes nothing, and calls that well. */
    static final class KeepsAll extends ForwardingStore {
        KeepsAll(ObjectStore inner) {
            super(inner);
        }

        @Override
        public void delete(Collection<ObjectKey> keys) {}
    }

    /** Takes no object. */
    static final class RefusesPuts extends ForwardingStore {
        RefusesPuts(ObjectStore inner) {
            super(inner);
        }

        @Override
        public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
                throws ObjectStoreException {
            throw new ObjectStoreException(Outlook.FINAL, "AccessDenied: may not put " + key);
        }
    }

    /** Says "forbidden" instead of "not there", as S3 does to those who may not list. */
    static final class ForbidsAbsent extends ForwardingStore {
        ForbidsAbsent(ObjectStore inner) {
            super(inner);
        }

        private static ObjectStoreException forbidden(ObjectStoreException e) {
            return e.isNotFound() ? new ObjectStoreException(Outlook.FINAL, "AccessDenied", e) : e;
        }

        @Override
        public StoredObject get(ObjectKey key) throws ObjectStoreException {
            try {
                return super.get(key);
            } catch (ObjectStoreException e) {
                throw forbidden(e);
            }
        }

        @Override
        public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
            try {
                return super.info(key);
            } catch (ObjectStoreException e) {
                throw forbidden(e);
            }
        }
    }

    /** Has its clock that much ahead of ours, or behind. */
    static final class ClockOff extends ForwardingStore {
        private final Duration ahead;

        ClockOff(ObjectStore inner, Duration ahead) {
            super(inner);
            this.ahead = ahead;
        }

        @Override
        public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
            ObjectInfo info = super.info(key);
            long shifted = info.modifiedMillis() + ahead.toMillis();
            return new ObjectInfo(info.key(), info.sizeBytes(), info.etag(), shifted);
        }
    }
}
