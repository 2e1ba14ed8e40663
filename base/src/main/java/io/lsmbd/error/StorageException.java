package io.lsmbd.error;

import java.io.IOException;

/**
 * Everything that can keep lsmbd from storing or finding data. The message says what failed, on
 * which object or file and offset, and what can be done. Bugs are not among them: those are {@link
 * IllegalStateException}, {@link IllegalArgumentException} or {@link AssertionError}.
 */
public abstract sealed class StorageException extends IOException
        permits ObjectStoreException,
                CorruptDataException,
                FencedException,
                VolumeClosedException,
                LocalStorageException,
                RefusedException {
    private static final long serialVersionUID = 1L;

    protected StorageException(String message) {
        super(message);
    }

    protected StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
