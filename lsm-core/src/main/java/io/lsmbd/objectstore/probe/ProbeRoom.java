package io.lsmbd.objectstore.probe;

import io.lsmbd.env.Environment;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The prefix that one run has for itself. Remembers every key that it gave out, so that all can be
 * removed even where listing does not work. Used by the run's own thread only.
 */
final class ProbeRoom {
    private static final int MAX_ATTEMPTS = 3;

    private final ObjectStore store;
    private final RandomGenerator random;
    private final String prefix;
    private final List<ObjectKey> keys = new ArrayList<>();

    ProbeRoom(ObjectStore store, Environment environment) {
        this.store = store;
        this.random = environment.random("store-probe");
        this.prefix = ObjectKey.probeRunPrefix(HexFormat.of().toHexDigits(random.nextLong()));
    }

    String prefix() {
        return prefix;
    }

    /** A key of this run, to be removed at its end. */
    ObjectKey key(String name) {
        ObjectKey key = new ObjectKey(prefix + name);
        keys.add(key);
        return key;
    }

    byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Puts whatever is there; one that ended unknown is simply done again. */
    ETag put(ObjectKey key, byte[] body) throws ObjectStoreException {
        String reason = "";
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            PutOutcome outcome = put(key, body, new PutCondition.Unconditional());
            switch (outcome) {
                case PutOutcome.Stored(ETag etag) -> {
                    return etag;
                }
                case PutOutcome.ConditionFailed _ ->
                        throw new Misbehaviour(
                                "a put of %s without any condition was answered with: the"
                                                .formatted(key)
                                        + " condition did not hold");
                case PutOutcome.Unknown(String why, var _) -> reason = why;
            }
        }
        throw unclear(key, reason);
    }

    PutOutcome put(ObjectKey key, byte[] body, PutCondition condition) throws ObjectStoreException {
        return store.put(key, List.of(ByteBuffer.wrap(body)), condition);
    }

    /**
     * A put with a condition that nobody races for: it was stored or not, all else is no answer.
     */
    Optional<ETag> tryPut(ObjectKey key, byte[] body, PutCondition condition)
            throws ObjectStoreException {
        return switch (put(key, body, condition)) {
            case PutOutcome.Stored(ETag etag) -> Optional.of(etag);
            case PutOutcome.ConditionFailed _ -> Optional.empty();
            case PutOutcome.Unknown(String reason, var _) -> throw unclear(key, reason);
        };
    }

    private static ObjectStoreException unclear(ObjectKey key, String reason) {
        return new ObjectStoreException(
                Outlook.RETRYABLE, "no clear answer to a put of %s: %s".formatted(key, reason));
    }

    /** What is there; empty only if the store says for certain that nothing is. */
    Optional<StoredObject> look(ObjectKey key) throws ObjectStoreException {
        try {
            return Optional.of(store.get(key));
        } catch (ObjectStoreException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** As {@link #look}, without the bytes. */
    Optional<ObjectInfo> inform(ObjectKey key) throws ObjectStoreException {
        try {
            return Optional.of(store.info(key));
        } catch (ObjectStoreException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Removes all that this run put, as far as the store lets it. */
    Finding cleanUp() {
        String problem = "";
        for (int from = 0; from < keys.size(); from += ObjectStore.MAX_PAGE) {
            int to = Math.min(keys.size(), from + ObjectStore.MAX_PAGE);
            try {
                store.delete(keys.subList(from, to));
            } catch (ObjectStoreException e) {
                problem = String.valueOf(e.getMessage());
            }
        }
        long left = 0;
        try {
            left = countLeft();
        } catch (ObjectStoreException e) {
            problem = String.valueOf(e.getMessage());
        }
        if (problem.isEmpty() && left == 0) {
            return Finding.ok("%d objects were put and removed".formatted(keys.size()))
                    .with("objects", keys.size());
        }
        String what = left == 0 ? "objects may be" : left + " objects are";
        return Finding.warning(
                        "%s left below %s%s"
                                .formatted(what, prefix, problem.isEmpty() ? "" : ": " + problem),
                        "They are of no use to anyone: remove them with the store's own tools.")
                .with("objects", keys.size())
                .with("left", left);
    }

    /** Of the first page; a listing may be late, so what it shows is asked for itself. */
    private long countLeft() throws ObjectStoreException {
        ObjectPage page = store.list(prefix, null, ObjectStore.MAX_PAGE);
        long left = 0;
        for (ObjectInfo object : page.objects()) {
            left += inform(object.key()).isPresent() ? 1 : 0;
        }
        return left;
    }
}
