package io.lsmbd.format;

import java.io.IOException;

/**
 * Bytes that are not what their format says: wrong magic, checksum, length or order. The message
 * tells expected and actual; the reader that knows the file or object adds its name and offset.
 */
public final class CorruptFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public CorruptFormatException(String message) {
        super(message);
    }
}
