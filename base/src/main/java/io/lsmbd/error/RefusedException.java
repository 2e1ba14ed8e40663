package io.lsmbd.error;

/** A request that is understood but not allowed as things stand; a user can change that. */
public final class RefusedException extends StorageException {
    private static final long serialVersionUID = 1L;

    /** Why, for exit codes and HTTP status. */
    public enum Reason {
        NO_SUCH_VOLUME,
        ALREADY_EXISTS,
        IN_USE,
        /** Something else is being done with it just now: another attempt may succeed. */
        BUSY,
        /** Of the volume; who asks can have them cut off. */
        HAS_CLIENTS,
        /** Of the volume; who asks can have it dropped. */
        HAS_DATA,
        INVALID,
        POSSIBLE_LOSS
    }

    private final Reason reason;

    public RefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
