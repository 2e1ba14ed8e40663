package io.lsmbd.error;

/**
 * Stored bytes failed their check; they are never returned as data and nothing is deleted because
 * of them. {@code where} is an object key or file name, {@code offset} counts its bytes.
 */
public final class CorruptDataException extends StorageException {
    private static final long serialVersionUID = 1L;
    private final String where;
    private final long offset;

    public CorruptDataException(String where, long offset, String problem) {
        super("%s at offset %d is damaged: %s".formatted(where, offset, problem));
        this.where = where;
        this.offset = offset;
    }

    public CorruptDataException(String where, long offset, Throwable cause) {
        super("%s at offset %d is damaged: %s".formatted(where, offset, cause.getMessage()), cause);
        this.where = where;
        this.offset = offset;
    }

    public String where() {
        return where;
    }

    public long offset() {
        return offset;
    }
}
