package io.lsmbd.nbd.transmission;

import java.nio.ByteBuffer;

/** Tells data from zeroes, quickly if it is data. */
final class Zeroes {
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(16 << 10).asReadOnlyBuffer();

    private Zeroes() {}

    /** Whether the remaining bytes are all zero; moves the position. */
    static boolean only(ByteBuffer bytes) {
        if (bytes.remaining() >= Long.BYTES && bytes.getLong(bytes.position()) != 0) {
            return false;
        }
        int end = bytes.limit();
        while (bytes.position() < end) {
            bytes.limit(Math.min(end, bytes.position() + ZEROES.capacity()));
            int mismatch = bytes.mismatch(ZEROES);
            if (mismatch >= 0 && mismatch < bytes.remaining()) {
                return false;
            }
            bytes.position(bytes.limit());
        }
        return true;
    }
}
