package io.lsmbd.wal;

import io.lsmbd.error.StorageException;

/** Told once how a sync ended; must be quick, must not block, must not throw. */
public interface SyncListener {
    /** Everything appended before the call is on disk. */
    void synced();

    /** The log failed or was closed before that. */
    void failed(StorageException cause);
}
