package io.lsmbd.write;

import io.lsmbd.model.DataSize;
import io.lsmbd.model.Sectors;
import io.lsmbd.wal.WalLocation;
import java.time.Duration;

/**
 * When a batch is sealed and how many segments of a volume may be under way.
 *
 * @param segmentSize payload that fills a batch; 64 KiB to 64 MiB. A larger request of a client is
 *     a segment all the same
 * @param maxRecords records that fill a batch, however small they are
 * @param maxAge after which a batch with anything in it is sealed: what loss of the host may cost
 * @param parallel segments of one volume under way at a time
 * @param checkpointEvery segments between two checkpoints
 */
public record UploadPolicy(
        DataSize segmentSize, int maxRecords, Duration maxAge, int parallel, int checkpointEvery) {
    private static final long RECORD_BYTES = (long) WalLocation.MAX_RECORD_SECTORS * Sectors.BYTES;

    public static final UploadPolicy STANDARD =
            new UploadPolicy(DataSize.ofMebibytes(32), 1 << 16, Duration.ofSeconds(10), 4, 64);

    public UploadPolicy {
        if (segmentSize.bytes() < 64 << 10 || segmentSize.bytes() > 64 << 20) {
            throw new IllegalArgumentException(
                    "segment size not within 64KiB..64MiB: " + segmentSize);
        }
        if (maxRecords < 1 || parallel < 1 || parallel > 64 || checkpointEvery < 1) {
            throw new IllegalArgumentException(
                    "maxRecords, checkpointEvery and parallel (at most 64) must be positive");
        }
        if (maxAge.isNegative() || maxAge.isZero()) {
            throw new IllegalArgumentException("maxAge must be positive: " + maxAge);
        }
    }

    /**
     * Whether the batch can take a request with so much payload whole. One that is larger than a
     * segment has a batch, and a segment, of its own.
     */
    boolean hasRoom(Batch batch, long payloadSectors) {
        return (batch.payloadSectors() + payloadSectors) * Sectors.BYTES <= segmentSize.bytes();
    }

    /** Whether one more record might not fit. */
    boolean isFull(Batch batch) {
        return batch.payloadSectors() * Sectors.BYTES > segmentSize.bytes() - RECORD_BYTES
                || batch.records() >= maxRecords;
    }
}
