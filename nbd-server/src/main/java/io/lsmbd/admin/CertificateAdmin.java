package io.lsmbd.admin;

import java.util.Optional;

/** What the admin API asks of the certificates. Thread-safe. */
@FunctionalInterface
public interface CertificateAdmin {
    /** Takes over new files now; returns why not, if so. Reads files. */
    Optional<String> reload();
}
