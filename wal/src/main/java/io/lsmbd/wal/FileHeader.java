package io.lsmbd.wal;

import java.util.UUID;

/**
 * What a file of the log says about itself.
 *
 * @param base position of the file's first byte; positions are bytes over the log's whole life
 * @param previousSequence the file that the log ran through before this one
 * @param previousEnd where that file's valid records end, as a recovery decided, or 0 if an END
 *     record in that file tells
 * @param syncedPosition how far the log was known to be synced when this file was made
 */
record FileHeader(
        UUID uuid,
        long sequence,
        long base,
        long size,
        long previousSequence,
        long previousEnd,
        long syncedPosition,
        long wallMillis,
        String bootId) {
    /** Position of the first record. */
    long firstRecord() {
        return base + FileFormat.HEADER_BYTES;
    }

    /** Position behind the file's last byte. */
    long limit() {
        return base + size;
    }

    /** Records carry this, mixed with their position: no record of another life or place fits. */
    long identityAt(long position) {
        return uuid.getLeastSignificantBits() ^ position;
    }
}
