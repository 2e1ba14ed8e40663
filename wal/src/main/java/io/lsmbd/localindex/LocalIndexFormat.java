package io.lsmbd.localindex;

import io.lsmbd.format.Crc32c;
import io.lsmbd.model.VolumeId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Keys and values of the local index. Numbers in keys are big-endian, so that iteration is in
 * numeric order; volumes sort by their unsigned id.
 *
 * <pre>
 * family    key                               value
 * default   "format"                          u32 LE version of this table: 1
 * map       volume u64, page u64              a map page, as its owner encodes it
 * segments  volume u64, segment u64           live count of a segment, as its owner encodes it
 * frames    volume u64, segment u64           a segment's frame table
 * meta      volume u64                        what the volume's pages reflect
 * wal       file uuid, 16 bytes               digest of one WAL file
 * </pre>
 *
 * Every value is followed by 4 bytes, little-endian: CRC-32C of key and value. A value is valid if
 * and only if it has them and they match; else it is reported as damage, and the next start moves
 * the whole folder aside. A folder of another version is moved aside at once: it is derived data.
 */
public final class LocalIndexFormat {
    static final int VERSION = 1;
    static final byte[] VERSION_KEY = {'f', 'o', 'r', 'm', 'a', 't'};

    private static final int CRC_BYTES = Integer.BYTES;
    private static final int VOLUME_BYTES = Long.BYTES;
    private static final int NUMBERED_BYTES = VOLUME_BYTES + Long.BYTES;

    private LocalIndexFormat() {}

    static byte[] volumeKey(VolumeId volume) {
        return ByteBuffer.allocate(VOLUME_BYTES).putLong(volume.value()).array();
    }

    static byte[] numberedKey(VolumeId volume, long number) {
        return ByteBuffer.allocate(NUMBERED_BYTES).putLong(volume.value()).putLong(number).array();
    }

    /** Follows every key of the volume: longer than they are, and all ones after the volume. */
    static byte[] keyAfterVolume(VolumeId volume) {
        byte[] key = new byte[NUMBERED_BYTES + 1];
        Arrays.fill(key, (byte) 0xff);
        ByteBuffer.wrap(key).putLong(volume.value());
        return key;
    }

    static long numberOf(byte[] numberedKey) {
        return ByteBuffer.wrap(numberedKey).getLong(VOLUME_BYTES);
    }

    static byte[] uuidKey(UUID uuid) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }

    static UUID uuidOf(byte[] key) {
        ByteBuffer in = ByteBuffer.wrap(key);
        return new UUID(in.getLong(), in.getLong());
    }

    static byte[] versionValue() {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(VERSION)
                .array();
    }

    /** The value with its checksum. */
    static byte[] seal(byte[] key, byte[] value) {
        byte[] sealed = Arrays.copyOf(value, value.length + CRC_BYTES);
        ByteBuffer.wrap(sealed)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value.length, crc(key, value, value.length));
        return sealed;
    }

    static boolean isIntact(byte[] key, byte[] sealed) {
        int length = sealed.length - CRC_BYTES;
        return length >= 0
                && ByteBuffer.wrap(sealed).order(ByteOrder.LITTLE_ENDIAN).getInt(length)
                        == crc(key, sealed, length);
    }

    /** The value of an intact sealed one. */
    static byte[] unseal(byte[] sealed) {
        return Arrays.copyOf(sealed, sealed.length - CRC_BYTES);
    }

    private static int crc(byte[] key, byte[] value, int length) {
        CRC32C crc = new CRC32C();
        crc.update(key);
        Crc32c.update(crc, ByteBuffer.wrap(value, 0, length));
        return (int) crc.getValue();
    }
}
