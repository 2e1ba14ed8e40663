package io.lsmbd.wal;

import io.lsmbd.model.Sectors;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A record's 64-byte header, version 2, little-endian; a WRITE record's payload follows, whole
 * sectors, at most 128.
 *
 * <pre>
 * offset size type name        meaning
 *      0    2 u16  magic       0x524c, "LR"
 *      2    1 u8   kind        1 WRITE, 2 TRIM, 3 ZERO, 255 END
 *      3    1 u8   flags       bit 0: copied forward from an older file; bit 1 (since version 2):
 *                            the request goes on in the record of the next LSN; others 0
 *      4    4 u32  epoch       of the volume's writer
 *      8    8 u64  identity    low half of the file's uuid XOR the header's log position
 *     16    8 u64  volume
 *     24    8 u64  lsn
 *     32    8 u64  lba
 *     40    8 u64  sectors     at least 1; 0 in END
 *     48    8 u64  synced      how far the log was known to be synced
 *     56    4 u32  payload crc CRC-32C; 0 without payload
 *     60    4 u32  header crc  CRC-32C of bytes 0 to 59
 * </pre>
 *
 * <p>Records lie back to back at multiples of 64 bytes. A header is valid if and only if magic,
 * identity, header CRC, kind and sectors are right and the record, and an END record after it, fit
 * into the file; the record, if the payload CRC is right too. The identity keeps out records of a
 * file's earlier life and copies of the log inside some volume's payload. A request is there if and
 * only if its last record is, for a volume's requests come one after the other: recovery drops
 * those at the end of an epoch's records that go on in none. END says that the log goes on in the
 * next file; what follows it in its file means nothing. Anything else that is not a valid record
 * ends the log: zeroes, a torn record, an earlier life.
 */
final class RecordFormat {
    static final int HEADER_BYTES = 64;
    static final int END_KIND = 255;
    static final int FLAG_COPIED = 1;
    static final int FLAG_CONTINUES = 2;
    static final long MAX_EPOCH = 0xffff_ffffL;

    private static final short MAGIC = 0x524c;
    private static final int KIND_AT = Short.BYTES;
    private static final int FLAGS_AT = KIND_AT + Byte.BYTES;
    private static final int EPOCH_AT = FLAGS_AT + Byte.BYTES;
    private static final int IDENTITY_AT = EPOCH_AT + Integer.BYTES;
    private static final int VOLUME_AT = IDENTITY_AT + Long.BYTES;
    private static final int LSN_AT = VOLUME_AT + Long.BYTES;
    private static final int LBA_AT = LSN_AT + Long.BYTES;
    private static final int SECTORS_AT = LBA_AT + Long.BYTES;
    private static final int SYNCED_AT = SECTORS_AT + Long.BYTES;
    private static final int PAYLOAD_CRC_AT = SYNCED_AT + Long.BYTES;
    private static final int HEADER_CRC_AT = PAYLOAD_CRC_AT + Integer.BYTES;

    static {
        if (HEADER_CRC_AT + Integer.BYTES != HEADER_BYTES) {
            throw new AssertionError("record header fields moved");
        }
        if (HEADER_BYTES != WalLocation.ALIGNMENT) {
            throw new AssertionError("records must be aligned to their header");
        }
    }

    private RecordFormat() {}

    /** Writes what is known before the append lock is held, at index 0. */
    static void encodeContent(ByteBuffer header, int kind, long lba, long sectors, int payloadCrc) {
        header.putShort(0, MAGIC);
        header.put(KIND_AT, (byte) kind);
        header.putLong(LBA_AT, lba);
        header.putLong(SECTORS_AT, sectors);
        header.putInt(PAYLOAD_CRC_AT, payloadCrc);
    }

    /** Writes whose record it is, at index 0. */
    static void encodeOwner(ByteBuffer header, int flags, long epoch, long volume, long lsn) {
        header.put(FLAGS_AT, (byte) flags);
        header.putInt(EPOCH_AT, (int) epoch);
        header.putLong(VOLUME_AT, volume);
        header.putLong(LSN_AT, lsn);
    }

    /** Writes where the record is and its checksum; the header is complete then. */
    static void seal(ByteBuffer header, long identity, long synced, CRC32C crc) {
        header.putLong(IDENTITY_AT, identity);
        header.putLong(SYNCED_AT, synced);
        header.clear().limit(HEADER_CRC_AT);
        crc.reset();
        crc.update(header);
        header.clear().putInt(HEADER_CRC_AT, (int) crc.getValue());
    }

    /** Whether these 64 bytes are, by all but their checksum, a header at this place. */
    static boolean looksValid(ByteBuffer in, int at, long identity) {
        return in.getShort(at) == MAGIC && in.getLong(at + IDENTITY_AT) == identity;
    }

    /**
     * Whether there is a valid header at index {@code at}.
     *
     * @param room bytes from the record's start to the end of its file
     */
    static boolean isValid(Scratch in, int at, long identity, long room) {
        ByteBuffer bytes = in.bytes();
        if (!looksValid(bytes, at, identity)
                || bytes.getInt(at + HEADER_CRC_AT) != in.crc(at, HEADER_CRC_AT)) {
            return false;
        }
        long sectors = sectors(bytes, at);
        return switch (kind(bytes, at)) {
            case END_KIND -> sectors == 0 && room >= HEADER_BYTES;
            case 1 ->
                    sectors > 0
                            && sectors <= WalLocation.MAX_RECORD_SECTORS
                            && room >= length(1, sectors) + HEADER_BYTES;
            case 2, 3 -> sectors > 0 && room >= 2 * HEADER_BYTES;
            default -> false;
        };
    }

    /** Bytes of header and payload. */
    static long length(int kind, long sectors) {
        return kind == WalKind.WRITE.wire()
                ? HEADER_BYTES + Sectors.toBytes(sectors)
                : HEADER_BYTES;
    }

    static int kind(ByteBuffer in, int at) {
        return in.get(at + KIND_AT) & 0xff;
    }

    static boolean continues(ByteBuffer in, int at) {
        return (in.get(at + FLAGS_AT) & FLAG_CONTINUES) != 0;
    }

    static long epoch(ByteBuffer in, int at) {
        return in.getInt(at + EPOCH_AT) & MAX_EPOCH;
    }

    static long volume(ByteBuffer in, int at) {
        return in.getLong(at + VOLUME_AT);
    }

    static long lsn(ByteBuffer in, int at) {
        return in.getLong(at + LSN_AT);
    }

    static long lba(ByteBuffer in, int at) {
        return in.getLong(at + LBA_AT);
    }

    static long sectors(ByteBuffer in, int at) {
        return in.getLong(at + SECTORS_AT);
    }

    static long synced(ByteBuffer in, int at) {
        return in.getLong(at + SYNCED_AT);
    }

    static int payloadCrc(ByteBuffer in, int at) {
        return in.getInt(at + PAYLOAD_CRC_AT);
    }
}
