package io.lsmbd.error;

/** The volume is shutting down, deleted, or failed earlier; {@link #getCause} tells the latter. */
public final class VolumeClosedException extends StorageException {
    private static final long serialVersionUID = 1L;

    public VolumeClosedException(String message) {
        super(message);
    }

    public VolumeClosedException(String message, Throwable cause) {
        super(message, cause);
    }
}
