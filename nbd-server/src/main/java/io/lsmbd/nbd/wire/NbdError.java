package io.lsmbd.nbd.wire;

import java.util.Locale;

/** What a reply says about its request ("Error values"). */
public enum NbdError {
    OK(0),
    EPERM(1),
    EIO(5),
    ENOMEM(12),
    EINVAL(22),
    ENOSPC(28),
    EOVERFLOW(75),
    ENOTSUP(95),
    ESHUTDOWN(108);

    private final int code;
    private final String label;

    NbdError(int code) {
        this.code = code;
        this.label = name().toLowerCase(Locale.ROOT);
    }

    public int code() {
        return code;
    }

    /** For metrics: {@code enospc}. */
    public String label() {
        return label;
    }
}
