package io.lsmbd.objectstore;

/** What must hold for a put to happen; decided by the store, atomically with the put. */
public sealed interface PutCondition {
    /** The key has no object yet: create-only. */
    record IfAbsent() implements PutCondition {}

    /** The key's object is still this version: compare-and-swap. */
    record IfMatches(ETag etag) implements PutCondition {}

    /** Overwrites whatever is there. For data that nothing relies on. */
    record Unconditional() implements PutCondition {}
}
