package io.lsmbd.objectstore;

/** How a put ended. Ambiguity is a value, resolved by reading back, never by guessing. */
public sealed interface PutOutcome {
    /** The object is there, durably, and it is ours. */
    record Stored(ETag etag) implements PutOutcome {}

    /**
     * The condition did not hold. After a retry somewhere below, the object that is in the way may
     * be our own: whoever cares reads it back and compares the writer.
     */
    record ConditionFailed() implements PutOutcome {}

    /**
     * No answer that says either way: the object may be there now, later, or never. The body's
     * buffers are no longer read when this is returned.
     */
    record Unknown(String reason, Why why) implements PutOutcome {
        /** What can be said of it all the same. */
        public enum Why {
            /** The store had too many requests, and may have done this one in part. */
            THROTTLED,
            OTHER
        }

        public Unknown(String reason) {
            this(reason, Why.OTHER);
        }
    }
}
