package io.lsmbd.volume;

import io.lsmbd.error.StorageException;

/**
 * Told once how something ended, on whatever thread noticed; must be quick, must not block, must
 * not throw.
 */
public interface Completion {
    void done();

    void failed(StorageException cause);
}
