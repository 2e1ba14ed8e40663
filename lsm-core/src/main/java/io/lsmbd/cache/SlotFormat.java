package io.lsmbd.cache;

import io.lsmbd.format.Crc32c;
import java.nio.ByteBuffer;

/**
 * A slot of the disk tier's file {@code frames}: slot n lies at byte n * {@link #SLOT_BYTES}.
 * Little-endian. The frame starts at a page so that writing a slot reads nothing back in first.
 *
 * <pre>
 * offset size type name        meaning
 *      0    4 u32  magic       "LSFC"
 *      4    4 u32  version     1
 *      8    8 u64  volume      the frame's name: volume that wrote it
 *     16    8 u64  segment     segment of that volume
 *     24    4 u32  frame       index in the segment
 *     28    4 u32  length      bytes of the frame, 1 to 65536
 *     32    4 u32  data crc    CRC-32C of the frame
 *     36    4 u32  header crc  CRC-32C of bytes 0 to 35
 *     40 4056      padding     zeroes
 *   4096  len      frame       plain bytes; then anything up to the slot's end
 * </pre>
 *
 * A slot is valid for a frame if and only if magic, version, name, expected length and both
 * checksums are right. Anything else is a miss. A version that is not ours is one too.
 */
final class SlotFormat {
    /** What a slot turned out to hold. */
    enum Verdict {
        /** The frame that was expected. */
        INTACT,
        /** Never written, or another frame: the directory was older than the file. */
        OTHER,
        /** Bytes that fail a check. */
        DAMAGED
    }

    static final int HEADER_BYTES = 4096;
    static final int SLOT_BYTES = HEADER_BYTES + FrameCache.FRAME_BYTES;

    static final int MAGIC = 0x4346534c; // "LSFC"
    static final int VERSION = 1;

    private static final int AT_MAGIC = 0;
    private static final int AT_VERSION = AT_MAGIC + Integer.BYTES;
    private static final int AT_VOLUME = AT_VERSION + Integer.BYTES;
    private static final int AT_SEGMENT = AT_VOLUME + Long.BYTES;
    private static final int AT_FRAME = AT_SEGMENT + Long.BYTES;
    private static final int AT_LENGTH = AT_FRAME + Integer.BYTES;
    private static final int AT_DATA_CRC = AT_LENGTH + Integer.BYTES;
    private static final int AT_HEADER_CRC = AT_DATA_CRC + Integer.BYTES;
    private static final byte[] PADDING = new byte[HEADER_BYTES - AT_HEADER_CRC - Integer.BYTES];

    private SlotFormat() {}

    static long position(int slot) {
        return (long) slot * SLOT_BYTES;
    }

    /** Puts the header in front of the buffer's frame; returns the slot's bytes, to be written. */
    static ByteBuffer encode(FrameKey key, FrameBuffer buffer) {
        int length = buffer.plain().remaining();
        ByteBuffer slot = buffer.slot().clear();
        slot.putInt(AT_MAGIC, MAGIC);
        slot.putInt(AT_VERSION, VERSION);
        slot.putLong(AT_VOLUME, key.volume());
        slot.putLong(AT_SEGMENT, key.segment());
        slot.putInt(AT_FRAME, key.frame());
        slot.putInt(AT_LENGTH, length);
        slot.putInt(AT_DATA_CRC, Crc32c.of(slot, HEADER_BYTES, length));
        slot.putInt(AT_HEADER_CRC, Crc32c.of(slot, 0, AT_HEADER_CRC));
        slot.put(AT_HEADER_CRC + Integer.BYTES, PADDING);
        return slot.limit(HEADER_BYTES + length);
    }

    /** Where to read a slot whose frame should have so many bytes. */
    static ByteBuffer toRead(FrameBuffer buffer, int length) {
        return buffer.slot().clear().limit(HEADER_BYTES + length);
    }

    /** Judges what {@link #toRead} was filled with; if intact, the frame is the buffer's frame. */
    static Verdict check(FrameKey key, int length, FrameBuffer buffer) {
        ByteBuffer slot = buffer.slot();
        int readBytes = slot.position();
        if (readBytes < HEADER_BYTES || isNeverWritten(slot)) {
            return Verdict.OTHER;
        }
        if (slot.getInt(AT_MAGIC) != MAGIC
                || slot.getInt(AT_HEADER_CRC) != Crc32c.of(slot, 0, AT_HEADER_CRC)) {
            return Verdict.DAMAGED;
        }
        boolean isExpected =
                slot.getInt(AT_VERSION) == VERSION
                        && slot.getLong(AT_VOLUME) == key.volume()
                        && slot.getLong(AT_SEGMENT) == key.segment()
                        && slot.getInt(AT_FRAME) == key.frame()
                        && slot.getInt(AT_LENGTH) == length;
        if (!isExpected) {
            return Verdict.OTHER;
        }
        if (readBytes < HEADER_BYTES + length
                || slot.getInt(AT_DATA_CRC) != Crc32c.of(slot, HEADER_BYTES, length)) {
            return Verdict.DAMAGED;
        }
        buffer.plain().clear().limit(length);
        return Verdict.INTACT;
    }

    /** A hole in the sparse file: the write of this slot never reached the disk. */
    private static boolean isNeverWritten(ByteBuffer slot) {
        long any = 0;
        for (int at = AT_MAGIC; at <= AT_HEADER_CRC; at += Integer.BYTES) {
            any |= slot.getInt(at);
        }
        return any == 0;
    }
}
