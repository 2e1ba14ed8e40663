package io.lsmbd.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** A buffer to read the log into and to check it in, without allocation. One thread at a time. */
final class Scratch {
    private final ByteBuffer bytes;
    private final CRC32C crc = new CRC32C();

    private Scratch(ByteBuffer bytes) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    static Scratch direct(int capacity) {
        return new Scratch(ByteBuffer.allocateDirect(capacity));
    }

    static Scratch onHeap(int capacity) {
        return new Scratch(ByteBuffer.allocate(capacity));
    }

    ByteBuffer bytes() {
        return bytes;
    }

    CRC32C crc() {
        return crc;
    }

    /**
     * CRC-32C of so many bytes from an index; the buffer's position and limit are unspecified
     * after.
     */
    int crc(int from, int length) {
        bytes.limit(from + length).position(from);
        crc.reset();
        crc.update(bytes);
        bytes.limit(bytes.capacity());
        return (int) crc.getValue();
    }

    /** CRC-32C of another buffer's remaining bytes; its position stays. */
    int crcOf(ByteBuffer other) {
        int position = other.position();
        crc.reset();
        crc.update(other);
        other.position(position);
        return (int) crc.getValue();
    }
}
