package io.lsmbd.nbd.tls;

/** Whether clients have to use TLS ("SELECTIVETLS" and "FORCEDTLS" of the NBD protocol). */
public enum TlsPolicy {
    /** As they like. */
    OFFERED,
    /** Over TCP they have to; a Unix socket is guarded by its file's permissions. */
    REQUIRED
}
