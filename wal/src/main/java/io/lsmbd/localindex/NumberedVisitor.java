package io.lsmbd.localindex;

import io.lsmbd.error.StorageException;

/**
 * Receives values in the order of their numbers; returns false to stop. Must not call the index.
 */
@FunctionalInterface
public interface NumberedVisitor {
    boolean visit(long number, byte[] value) throws StorageException;
}
