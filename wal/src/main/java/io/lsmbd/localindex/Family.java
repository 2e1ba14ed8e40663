package io.lsmbd.localindex;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The column families; the order is that of their handles. */
enum Family {
    DEFAULT,
    MAP,
    SEGMENTS,
    FRAMES,
    META,
    WAL;

    byte[] nativeName() {
        return name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
    }
}
