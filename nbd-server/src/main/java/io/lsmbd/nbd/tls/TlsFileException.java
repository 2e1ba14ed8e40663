package io.lsmbd.nbd.tls;

import java.io.IOException;

/** A file that TLS needs cannot be used; the message says which, why, and what to do. */
public final class TlsFileException extends IOException {
    private static final long serialVersionUID = 1L;

    TlsFileException(String message, Throwable cause) {
        super(message, cause);
    }

    TlsFileException(String message) {
        super(message);
    }
}
