package io.lsmbd.error;

/** The local disk refused or failed a read, write, sync or directory operation. */
public final class LocalStorageException extends StorageException {
    private static final long serialVersionUID = 1L;

    public LocalStorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
