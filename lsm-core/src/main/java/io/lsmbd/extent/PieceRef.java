package io.lsmbd.extent;

/**
 * Where a piece of a checkpoint is: a map object's number, a byte range in it, and the CRC-32C that
 * the piece must have (unsigned).
 */
public record PieceRef(long object, long offsetBytes, int lengthBytes, long crc) {
    /** The largest piece that is ever read: a segment table of some ten million segments. */
    static final int MAX_BYTES = 256 << 20;

    private static final long MAX_OFFSET = 1L << 40;

    public PieceRef {
        if (object < 0
                || offsetBytes < 0
                || offsetBytes > MAX_OFFSET
                || lengthBytes < 1
                || lengthBytes > MAX_BYTES
                || crc < 0
                || crc > 0xffff_ffffL) {
            throw new IllegalArgumentException(
                    "no such piece: object=%d offset=%d length=%d crc=%d"
                            .formatted(object, offsetBytes, lengthBytes, crc));
        }
    }

    long endBytes() {
        return offsetBytes + lengthBytes;
    }
}
