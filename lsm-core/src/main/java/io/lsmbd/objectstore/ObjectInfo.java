package io.lsmbd.objectstore;

/** An object without its bytes. {@code modifiedMillis} is the store's clock, for people only. */
public record ObjectInfo(ObjectKey key, long sizeBytes, ETag etag, long modifiedMillis) {}
