package io.lsmbd.error;

/** The object store did not do what was asked. Says nothing about whether the object exists. */
public final class ObjectStoreException extends StorageException {
    private static final long serialVersionUID = 1L;

    /** Whether the same request may succeed later. */
    public enum Outlook {
        RETRYABLE,
        /** It may if fewer are sent: the store has too many. */
        THROTTLED,
        FINAL,
        /** The store said for certain that there is no such object. */
        NOT_FOUND
    }

    private final Outlook outlook;

    public ObjectStoreException(Outlook outlook, String message) {
        super(message);
        this.outlook = outlook;
    }

    public ObjectStoreException(Outlook outlook, String message, Throwable cause) {
        super(message, cause);
        this.outlook = outlook;
    }

    public Outlook outlook() {
        return outlook;
    }

    public boolean isRetryable() {
        return outlook == Outlook.RETRYABLE || outlook == Outlook.THROTTLED;
    }

    public boolean isThrottling() {
        return outlook == Outlook.THROTTLED;
    }

    public boolean isNotFound() {
        return outlook == Outlook.NOT_FOUND;
    }
}
