package io.lsmbd.wal;

import io.lsmbd.error.RefusedException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The first 4096 bytes of a file of the log, version 2, little-endian.
 *
 * <pre>
 * offset size type  name              meaning
 *      0    4 u32   magic             0x4657424c, "LBWF"
 *      4    2 u16   version           2; 1 has no requests of several records
 *      6    2 u16   header bytes      4096
 *      8    8 u64   uuid high         drawn anew whenever the file is (re)used
 *     16    8 u64   uuid low
 *     24    8 u64   sequence          the number in the file's name, from 1
 *     32    8 u64   base              log position of the file's first byte, a multiple of 4096
 *     40    8 u64   size              of the file in bytes
 *     48    8 u64   previous sequence 0: this file is the log's first
 *     56    8 u64   previous end      0: the previous file's END record tells
 *     64    8 u64   synced position   known when the file was made
 *     72    8 u64   wall time         milliseconds since 1970, for people
 *     80    1 u8    boot id length    up to 63
 *     81   63 bytes boot id           UTF-8, rest zero
 *    144 3948 bytes reserved          zero
 *   4092    4 u32   crc               CRC-32C of bytes 0 to 4091
 * </pre>
 *
 * <p>Valid if and only if magic and CRC are right. The CRC stays in its place in later versions, so
 * that a newer file and a damaged one are told apart. A file gets its name only after its header is
 * on disk, so an invalid header under a log file's name is damage, never a crash.
 */
final class FileFormat {
    static final int HEADER_BYTES = 4096;
    static final int VERSION = 2;
    private static final int MAGIC = 0x4657424c;

    private static final int VERSION_AT = Integer.BYTES;
    private static final int HEADER_BYTES_AT = VERSION_AT + Short.BYTES;
    private static final int UUID_AT = HEADER_BYTES_AT + Short.BYTES;
    private static final int SEQUENCE_AT = UUID_AT + 2 * Long.BYTES;
    private static final int BASE_AT = SEQUENCE_AT + Long.BYTES;
    private static final int SIZE_AT = BASE_AT + Long.BYTES;
    private static final int PREVIOUS_SEQUENCE_AT = SIZE_AT + Long.BYTES;
    private static final int PREVIOUS_END_AT = PREVIOUS_SEQUENCE_AT + Long.BYTES;
    private static final int SYNCED_AT = PREVIOUS_END_AT + Long.BYTES;
    private static final int WALL_AT = SYNCED_AT + Long.BYTES;
    private static final int BOOT_ID_LENGTH_AT = WALL_AT + Long.BYTES;
    private static final int BOOT_ID_AT = BOOT_ID_LENGTH_AT + Byte.BYTES;
    private static final int MAX_BOOT_ID = 63;
    private static final int CRC_AT = HEADER_BYTES - Integer.BYTES;

    static {
        if (BOOT_ID_AT + MAX_BOOT_ID != 144) {
            throw new AssertionError("file header fields moved");
        }
    }

    private FileFormat() {}

    /** A direct buffer of the header's bytes, ready to be written. */
    static ByteBuffer encode(FileHeader header) {
        byte[] bootId = header.bootId().getBytes(StandardCharsets.UTF_8);
        if (bootId.length > MAX_BOOT_ID) {
            throw new IllegalArgumentException("boot id of more than 63 bytes: " + header.bootId());
        }
        ByteBuffer out = ByteBuffer.allocateDirect(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0, MAGIC);
        out.putShort(VERSION_AT, (short) VERSION);
        out.putShort(HEADER_BYTES_AT, (short) HEADER_BYTES);
        out.putLong(UUID_AT, header.uuid().getMostSignificantBits());
        out.putLong(UUID_AT + Long.BYTES, header.uuid().getLeastSignificantBits());
        out.putLong(SEQUENCE_AT, header.sequence());
        out.putLong(BASE_AT, header.base());
        out.putLong(SIZE_AT, header.size());
        out.putLong(PREVIOUS_SEQUENCE_AT, header.previousSequence());
        out.putLong(PREVIOUS_END_AT, header.previousEnd());
        out.putLong(SYNCED_AT, header.syncedPosition());
        out.putLong(WALL_AT, header.wallMillis());
        out.put(BOOT_ID_LENGTH_AT, (byte) bootId.length);
        out.put(BOOT_ID_AT, bootId);
        out.putInt(CRC_AT, Crc32c.of(out, 0, CRC_AT));
        return out;
    }

    /**
     * Reads a header from index 0 of 4096 little-endian bytes.
     *
     * @throws CorruptFormatException if it is damaged
     * @throws RefusedException if a newer lsmbd wrote it
     */
    static FileHeader decode(ByteBuffer in) throws IOException {
        if (in.getInt(0) != MAGIC) {
            throw new CorruptFormatException(
                    "wrong magic: expected %08x, found %08x".formatted(MAGIC, in.getInt(0)));
        }
        int crc = Crc32c.of(in, 0, CRC_AT);
        if (in.getInt(CRC_AT) != crc) {
            throw new CorruptFormatException(
                    "wrong checksum of the file header: stored %08x, computed %08x"
                            .formatted(in.getInt(CRC_AT), crc));
        }
        int version = in.getShort(VERSION_AT) & 0xffff;
        if (version > VERSION) {
            throw new RefusedException(
                    RefusedException.Reason.INVALID,
                    "log file of version %d: written by a newer lsmbd; this one reads up to %d"
                            .formatted(version, VERSION));
        }
        int bootIdLength = in.get(BOOT_ID_LENGTH_AT) & 0xff;
        if (version < 1 || bootIdLength > MAX_BOOT_ID) {
            throw new CorruptFormatException("impossible file header of version " + version);
        }
        byte[] bootId = new byte[bootIdLength];
        in.get(BOOT_ID_AT, bootId);
        FileHeader header =
                new FileHeader(
                        new UUID(in.getLong(UUID_AT), in.getLong(UUID_AT + Long.BYTES)),
                        in.getLong(SEQUENCE_AT),
                        in.getLong(BASE_AT),
                        in.getLong(SIZE_AT),
                        in.getLong(PREVIOUS_SEQUENCE_AT),
                        in.getLong(PREVIOUS_END_AT),
                        in.getLong(SYNCED_AT),
                        in.getLong(WALL_AT),
                        new String(bootId, StandardCharsets.UTF_8));
        return checked(header);
    }

    private static FileHeader checked(FileHeader header) throws CorruptFormatException {
        boolean possible =
                header.sequence() > header.previousSequence()
                        && header.previousSequence() >= 0
                        && header.base() >= 0
                        && header.base() % HEADER_BYTES == 0
                        && header.size() >= HEADER_BYTES
                        && header.size() <= Integer.MAX_VALUE
                        && header.base() <= WalLocation.END_OF_LIFE - header.size()
                        && header.previousEnd() >= 0
                        && header.previousEnd() <= header.base()
                        && header.syncedPosition() >= 0
                        && header.syncedPosition() <= header.base();
        if (!possible) {
            throw new CorruptFormatException("impossible file header: " + header);
        }
        return header;
    }
}
