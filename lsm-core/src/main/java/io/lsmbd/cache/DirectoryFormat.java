package io.lsmbd.cache;

import io.lsmbd.env.LogFile;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The disk tier's file {@code directory}: which frame is in which slot, as of some moment or rather
 * a short while. It may be older than the slots, which tell for themselves what they hold.
 * Little-endian.
 *
 * <pre>
 * offset size type name     meaning
 *      0    4 u32  magic    "LSFD"
 *      4    4 u32  version  1
 *      8    4 u32  slot     bytes per slot of the frame file: 69632
 *     12    4 u32  n        entries, one for each slot from 0 on
 *     16  24*n      entries  u64 volume, u64 segment, u32 frame, u32 length (0: empty slot)
 *    end    4 u32  crc      CRC-32C of all before
 * </pre>
 *
 * Valid if and only if magic, version, slot size, file size and checksum are right and every length
 * is at most 65536; else the tier starts empty.
 */
final class DirectoryFormat {
    static final int MAGIC = 0x4446534c; // "LSFD"
    static final int VERSION = 1;
    static final int HEADER_BYTES = 4 * Integer.BYTES;
    private static final int LENGTH_AT = DiskSlots.ENTRY_BYTES - Integer.BYTES;
    private static final int ENTRIES_AT_ONCE = 8192;

    private DirectoryFormat() {}

    private static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(ENTRIES_AT_ONCE * DiskSlots.ENTRY_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes piece by piece while the slots go on changing. */
    static void write(DiskSlots slots, LogFile file) throws IOException {
        int entries = slots.openedSlots();
        CRC32C crc = new CRC32C();
        ByteBuffer piece = buffer();
        piece.putInt(MAGIC).putInt(VERSION).putInt(SlotFormat.SLOT_BYTES).putInt(entries);
        long position = append(file, 0, piece.flip(), crc);
        for (int from = 0, to; from < entries; from = to) {
            to = (int) Math.min(entries, from + (long) ENTRIES_AT_ONCE);
            slots.copyEntries(from, to, piece.clear());
            position = append(file, position, piece.flip(), crc);
        }
        int sum = (int) crc.getValue();
        append(file, position, piece.clear().putInt(sum).flip(), crc);
    }

    private static long append(LogFile file, long position, ByteBuffer piece, CRC32C crc)
            throws IOException {
        Crc32c.update(crc, piece);
        int count = piece.remaining();
        file.write(position, piece);
        return position + count;
    }

    /** Fills empty slots; on an exception some of them are filled. */
    static void read(LogFile file, DiskSlots slots) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer piece = buffer();
        fill(file, 0, piece.limit(HEADER_BYTES), crc);
        expect("magic", MAGIC, piece.getInt());
        expect("version", VERSION, piece.getInt());
        expect("slot size", SlotFormat.SLOT_BYTES, piece.getInt());
        int entries = piece.getInt();
        long end = HEADER_BYTES + (long) entries * DiskSlots.ENTRY_BYTES;
        expect("file size", end + Integer.BYTES, file.size());
        for (long at = HEADER_BYTES; at < end; at += piece.limit()) {
            fill(file, at, piece.clear().limit((int) Math.min(piece.capacity(), end - at)), crc);
            checkLengths(piece, at);
            slots.restoreEntries(piece);
        }
        int sum = (int) crc.getValue();
        fill(file, end, piece.clear().limit(Integer.BYTES), crc);
        expect("checksum", sum, piece.getInt());
    }

    private static void fill(LogFile file, long position, ByteBuffer piece, CRC32C crc)
            throws IOException {
        int count = file.read(position, piece);
        if (piece.hasRemaining()) {
            throw new CorruptFormatException("ends at offset %d".formatted(position + count));
        }
        Crc32c.update(crc, piece.flip());
    }

    private static void checkLengths(ByteBuffer entries, long position)
            throws CorruptFormatException {
        for (int at = LENGTH_AT; at < entries.limit(); at += DiskSlots.ENTRY_BYTES) {
            int length = entries.getInt(at);
            if (length < 0 || length > FrameCache.FRAME_BYTES) {
                throw new CorruptFormatException(
                        "frame of %d bytes at offset %d".formatted(length, position + at));
            }
        }
    }

    private static void expect(String what, long expected, long actual)
            throws CorruptFormatException {
        if (actual != expected) {
            throw new CorruptFormatException(
                    "wrong %s: expected %d, found %d".formatted(what, expected, actual));
        }
    }
}
