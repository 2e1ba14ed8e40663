package io.lsmbd.nbd.access;

/** What a client may do to a volume that it may open. */
public enum Access {
    READ_ONLY,
    READ_WRITE
}
