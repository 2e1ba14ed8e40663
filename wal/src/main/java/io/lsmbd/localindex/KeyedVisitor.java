package io.lsmbd.localindex;

import io.lsmbd.error.StorageException;

/** Receives values in the order of their keys; returns false to stop. Must not call the index. */
@FunctionalInterface
interface KeyedVisitor {
    boolean visit(byte[] key, byte[] value) throws StorageException;
}
