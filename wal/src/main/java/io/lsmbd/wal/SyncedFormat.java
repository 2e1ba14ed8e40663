package io.lsmbd.wal;

import io.lsmbd.format.Crc32c;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The file {@code synced}, version 1, little-endian: how far the log is synced. Written after each
 * sync but itself synced only at a clean close, so after the death of the process it tells the last
 * sync, after a power loss an earlier one or nothing; it never promises too much.
 *
 * <pre>
 * offset size type name     meaning
 *      0    4 u32  magic    0x5357424c, "LBWS"
 *      4    2 u16  version  1
 *      6    2 u16  state    0 in use, 1 cleanly closed at that position
 *      8    8 u64  position
 *     16    8 u64  sequence of the file being appended to
 *     24    4 u32  crc      CRC-32C of bytes 0 to 23
 * </pre>
 *
 * <p>Valid if and only if magic, version and CRC are right; otherwise it says nothing.
 */
record SyncedFormat(State state, long position, long sequence) {
    static final int BYTES = 28;
    private static final int MAGIC = 0x5357424c;
    private static final int VERSION = 1;
    private static final int VERSION_AT = Integer.BYTES;
    private static final int STATE_AT = VERSION_AT + Short.BYTES;
    private static final int POSITION_AT = STATE_AT + Short.BYTES;
    private static final int SEQUENCE_AT = POSITION_AT + Long.BYTES;
    private static final int CRC_AT = SEQUENCE_AT + Long.BYTES;

    /** Whether the log was being used when this was written. */
    enum State {
        IN_USE,
        CLEANLY_CLOSED
    }

    static {
        if (CRC_AT + Integer.BYTES != BYTES) {
            throw new AssertionError("synced fields moved");
        }
    }

    /** Writes itself into a little-endian buffer of 28 bytes and makes it ready to be written. */
    void encode(ByteBuffer out, CRC32C crc) {
        out.clear();
        out.putInt(0, MAGIC);
        out.putShort(VERSION_AT, (short) VERSION);
        out.putShort(STATE_AT, (short) (state == State.CLEANLY_CLOSED ? 1 : 0));
        out.putLong(POSITION_AT, position);
        out.putLong(SEQUENCE_AT, sequence);
        out.limit(CRC_AT);
        crc.reset();
        crc.update(out);
        out.clear();
        out.putInt(CRC_AT, (int) crc.getValue());
    }

    static Optional<SyncedFormat> decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (in.remaining() < BYTES
                || in.getInt(0) != MAGIC
                || in.getShort(VERSION_AT) != VERSION
                || in.getInt(CRC_AT) != Crc32c.of(in, 0, CRC_AT)) {
            return Optional.empty();
        }
        return Optional.of(
                new SyncedFormat(
                        in.getShort(STATE_AT) == 1 ? State.CLEANLY_CLOSED : State.IN_USE,
                        in.getLong(POSITION_AT),
                        in.getLong(SEQUENCE_AT)));
    }
}
