package io.lsmbd.nbd.handshake;

import io.lsmbd.nbd.access.Client;
import io.lsmbd.nbd.tls.TlsPolicy;
import io.lsmbd.nbd.tls.TlsServer;
import java.util.Optional;

/** What a connection is to TLS. NBD protocol, "TLS support", with the modes named there. */
enum Encryption {
    /** NOTLS. */
    NOT_OFFERED,
    /** SELECTIVETLS. */
    OFFERED,
    /** SELECTIVETLS, and a certificate may open exports that do not exist without. */
    OFFERED_FOR_MORE,
    /** FORCEDTLS. */
    REQUIRED,
    /** Required, but this client cannot: it does not speak fixed newstyle, which TLS needs. */
    OUT_OF_REACH,
    IN_USE;

    /** At the start; {@code isFixedNewstyle} is what the client's flags say. */
    static Encryption of(
            Optional<TlsServer> tls, Client client, boolean isFixedNewstyle, boolean opensMore) {
        if (tls.isEmpty()) {
            return NOT_OFFERED;
        }
        boolean isRequired =
                tls.get().policy() == TlsPolicy.REQUIRED && client.address().isPresent();
        if (!isFixedNewstyle) {
            return isRequired ? OUT_OF_REACH : NOT_OFFERED;
        }
        if (isRequired) {
            return REQUIRED;
        }
        return opensMore ? OFFERED_FOR_MORE : OFFERED;
    }
}
