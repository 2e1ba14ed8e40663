package io.lsmbd.nbd.access;

/** What a client may do with a volume, in ascending order. */
public enum Access {
    /** Not even learn that it exists. */
    NONE,
    READ_ONLY,
    READ_WRITE;

    /** The more generous of both. */
    Access or(Access other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
