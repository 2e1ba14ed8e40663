package io.lsmbd.segment;

import io.lsmbd.model.ByteRange;

/**
 * Where a frame is in its object and how to check and open it.
 *
 * @param offset of its first stored byte in the object
 * @param storedBytes how many bytes it takes there
 * @param plainBytes how many bytes of data it holds: a whole number of sectors
 * @param storedCrc CRC-32C of the stored bytes, checked before they are given to a decompressor
 * @param plainCrc CRC-32C of the data, checked after it
 */
public record FrameEntry(
        long offset, int storedBytes, int plainBytes, Codec codec, int storedCrc, int plainCrc) {
    public ByteRange range() {
        return new ByteRange(offset, storedBytes);
    }
}
