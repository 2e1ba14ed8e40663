package io.lsmbd.lease;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.segment.BuiltSegment;
import io.lsmbd.segment.SegmentHeader;
import io.lsmbd.segment.SegmentIdentity;
import io.lsmbd.segment.SegmentReader;
import java.time.Duration;

/**
 * Takes segment numbers away from older epochs: an empty segment of our epoch, created under the
 * number, makes every older writer's create-only put of it fail for ever. One number at a time; the
 * caller walks.
 */
public final class Fence {
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final int MAX_ATTEMPTS = 100;

    private final ObjectStore store;
    private final Environment environment;

    /** Who has the number now. */
    public sealed interface Result {
        /** We: nobody else ever will. */
        record Ours() implements Result {}

        /** Someone came first, with this header. */
        record Taken(SegmentHeader by) implements Result {}
    }

    public Fence(ObjectStore store, Environment environment) {
        this.store = store;
        this.environment = environment;
    }

    /** Blocks until the number belongs to someone. */
    public Result close(SegmentIdentity identity) throws StorageException {
        ObjectKey key = ObjectKey.segment(identity.volumeId(), identity.number());
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            PutOutcome outcome =
                    store.put(
                            key, BuiltSegment.fence(identity).body(), new PutCondition.IfAbsent());
            switch (outcome) {
                case PutOutcome.Stored _ -> {
                    return new Result.Ours();
                }
                case PutOutcome.ConditionFailed _ -> {
                    SegmentHeader there = new SegmentReader(store).readHeader(key);
                    return there.identity().equals(identity)
                            ? new Result.Ours()
                            : new Result.Taken(there);
                }
                case PutOutcome.Unknown _ -> environment.sleep(PAUSE);
            }
        }
        throw new ObjectStoreException(
                ObjectStoreException.Outlook.RETRYABLE,
                "no clear answer to the put of %s in %d attempts".formatted(key, MAX_ATTEMPTS));
    }
}
