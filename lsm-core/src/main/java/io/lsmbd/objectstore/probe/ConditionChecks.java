package io.lsmbd.objectstore.probe;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.StoredObject;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** Conditional puts that nobody races for: is the condition looked at, and nothing harmed? */
final class ConditionChecks {
    private static final int BODY_BYTES = 100;
    private static final int CONTROL_ROUNDS = 2;
    private static final String CREATE_HINT = RaceChecks.HINT.formatted("If-None-Match: *");
    private static final String SWAP_HINT = RaceChecks.HINT.formatted("If-Match");

    private final ProbeRoom room;

    ConditionChecks(ProbeRoom room) {
        this.room = room;
    }

    /** A create that comes second is refused, and what was there stays as it was. */
    Finding refusedCreate() throws ObjectStoreException {
        ObjectKey key = room.key("refused-create");
        byte[] first = room.randomBytes(BODY_BYTES);
        PutCondition ifAbsent = new PutCondition.IfAbsent();
        if (room.tryPut(key, first, ifAbsent).isEmpty()) {
            return Finding.failed("an object that was not there could not be created", CREATE_HINT);
        }
        Optional<ObjectInfo> before = room.inform(key);
        boolean isRefused = room.tryPut(key, room.randomBytes(BODY_BYTES), ifAbsent).isEmpty();
        boolean isUntouched =
                holds(key, first)
                        && room.inform(key)
                                .map(ObjectInfo::etag)
                                .equals(before.map(ObjectInfo::etag));
        if (isRefused && isUntouched) {
            return Finding.ok("a second create is refused and changes nothing");
        }
        return Finding.failed(
                isRefused
                        ? "a refused create changed the object that was there"
                        : "an object that was there was created again",
                CREATE_HINT);
    }

    /** A swap of another version than the current one, or of nothing, is refused. */
    Finding staleSwap() throws ObjectStoreException {
        ObjectKey key = room.key("stale-swap");
        byte[] second = room.randomBytes(BODY_BYTES);
        byte[] third = room.randomBytes(BODY_BYTES);
        ETag old = room.put(key, room.randomBytes(BODY_BYTES));
        ETag current = room.put(key, second);
        if (old.equals(current)) {
            return Finding.failed("two different contents have the same ETag", SWAP_HINT);
        }
        if (room.tryPut(key, third, new PutCondition.IfMatches(old)).isPresent()
                || !holds(key, second)) {
            return Finding.failed("a swap of an old version was not refused", SWAP_HINT);
        }
        Optional<ETag> swapped = room.tryPut(key, third, new PutCondition.IfMatches(current));
        if (swapped.isEmpty() || !holds(key, third)) {
            return Finding.failed("a swap of the current version was refused", SWAP_HINT);
        }
        if (!room.look(key).map(StoredObject::etag).equals(swapped)) {
            return Finding.failed(
                    "PUT and GET tell different ETags of the same version", SWAP_HINT);
        }
        ObjectKey absent = room.key("stale-swap-of-nothing");
        if (room.tryPut(absent, third, new PutCondition.IfMatches(current)).isPresent()
                || room.inform(absent).isPresent()) {
            return Finding.failed("a swap of an absent object created it", SWAP_HINT);
        }
        return Finding.ok("only the current version can be swapped");
    }

    /** See {@link #refuses}. */
    boolean refusesCreates() throws ObjectStoreException {
        return refuses(_ -> new PutCondition.IfAbsent());
    }

    /** See {@link #refuses}. */
    boolean refusesSwaps() throws ObjectStoreException {
        return refuses(PutCondition.IfMatches::new);
    }

    /**
     * Whether puts under a condition that holds fail for good, each time, while those without one
     * succeed before and after: then it is the condition that the store does not take.
     */
    private boolean refuses(Function<ETag, PutCondition> condition) throws ObjectStoreException {
        for (int round = 0; round < CONTROL_ROUNDS; round++) {
            ETag current = room.put(room.key("control"), room.randomBytes(BODY_BYTES));
            PutCondition holding = condition.apply(current);
            boolean isCreate = holding instanceof PutCondition.IfAbsent;
            try {
                var _ =
                        room.tryPut(
                                room.key(isCreate ? "control-" + round : "control"),
                                room.randomBytes(BODY_BYTES),
                                holding);
                return false;
            } catch (ObjectStoreException e) {
                if (e.isRetryable()) {
                    return false;
                }
            }
            room.put(room.key("control"), room.randomBytes(BODY_BYTES));
        }
        return true;
    }

    private boolean holds(ObjectKey key, byte[] body) throws ObjectStoreException {
        return room.look(key).filter(there -> Arrays.equals(there.bytes(), body)).isPresent();
    }
}
