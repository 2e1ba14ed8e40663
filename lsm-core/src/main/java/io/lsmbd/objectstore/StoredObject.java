package io.lsmbd.objectstore;

/** A whole small object and the version that was read. */
public record StoredObject(byte[] bytes, ETag etag) {}
