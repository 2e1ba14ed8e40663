package io.lsmbd.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C (Castagnoli), the checksum of every lsmbd format. Stateless; never moves a buffer. */
public final class Crc32c {
    private Crc32c() {}

    /** Checksum of the buffer's remaining bytes; its position stays. */
    public static int of(ByteBuffer data) {
        CRC32C crc = new CRC32C();
        update(crc, data);
        return (int) crc.getValue();
    }

    /** Checksum of {@code length} bytes from index {@code from}, whatever position and limit. */
    public static int of(ByteBuffer data, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(data.slice(from, length));
        return (int) crc.getValue();
    }

    public static int of(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        return (int) crc.getValue();
    }

    /** Adds the buffer's remaining bytes to {@code crc}; the buffer's position stays. */
    public static void update(CRC32C crc, ByteBuffer data) {
        int position = data.position();
        crc.update(data);
        data.position(position);
    }
}
