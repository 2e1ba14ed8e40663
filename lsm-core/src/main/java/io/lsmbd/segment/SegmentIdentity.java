package io.lsmbd.segment;

import io.lsmbd.model.VolumeId;
import java.util.UUID;

/**
 * Which segment this is and who wrote it. If a create-only put meets an object, that object is the
 * putter's own if and only if its identity equals the one that was put.
 *
 * @param number its place in the volume's commit order
 * @param epoch the writer's epoch; an unsigned 32-bit number
 * @param firstLsn the first record it holds; both LSNs are the last committed one in a fence
 * @param lastLsn the last record it holds
 * @param writer the process that wrote it
 * @param nonce different for every segment that the writer builds
 * @param wallMillis when it was built, for people only
 */
public record SegmentIdentity(
        VolumeId volumeId,
        long number,
        long epoch,
        long firstLsn,
        long lastLsn,
        UUID writer,
        long nonce,
        long wallMillis) {
    public SegmentIdentity {
        if (number < 0 || epoch < 0 || epoch > 0xffff_ffffL) {
            throw new IllegalArgumentException("number " + number + ", epoch " + epoch);
        }
        if (firstLsn < 0 || lastLsn < firstLsn) {
            throw new IllegalArgumentException("LSNs " + firstLsn + " to " + lastLsn);
        }
    }

    /** The same writes of the same writer, at another place. */
    public SegmentIdentity withNumber(long other) {
        return new SegmentIdentity(
                volumeId, other, epoch, firstLsn, lastLsn, writer, nonce, wallMillis);
    }
}
