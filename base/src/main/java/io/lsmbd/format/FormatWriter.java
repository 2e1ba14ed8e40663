package io.lsmbd.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes little-endian fields and variable-length integers into a growing array. One thread. */
public final class FormatWriter {
    private byte[] bytes;
    private ByteBuffer view;

    public FormatWriter(int expectedBytes) {
        bytes = new byte[Math.max(16, expectedBytes)];
        view = viewOf(bytes, 0);
    }

    private static ByteBuffer viewOf(byte[] bytes, int position) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(position);
    }

    private ByteBuffer room(int count) {
        if (view.remaining() < count) {
            int position = view.position();
            int wanted = Math.addExact(position, count);
            bytes =
                    Arrays.copyOf(
                            bytes,
                            (int)
                                    Math.min(
                                            Integer.MAX_VALUE - 8L,
                                            Math.max(wanted, bytes.length * 2L)));
            view = viewOf(bytes, position);
        }
        return view;
    }

    public FormatWriter u8(int value) {
        room(Byte.BYTES).put((byte) value);
        return this;
    }

    public FormatWriter u16(int value) {
        room(Short.BYTES).putShort((short) value);
        return this;
    }

    public FormatWriter u32(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    public FormatWriter u64(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    /** An unsigned number in groups of 7 bits, lowest first; all but the last set the top bit. */
    public FormatWriter varint(long value) {
        ByteBuffer out = room(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
        return this;
    }

    public FormatWriter bytes(byte[] value) {
        room(value.length).put(value);
        return this;
    }

    public int size() {
        return view.position();
    }

    /** Appends the CRC-32C of everything written since index {@code from}. */
    public FormatWriter crcSince(int from) {
        return u32(Crc32c.of(view, from, view.position() - from));
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, view.position());
    }

    /** What was written, without a copy; the writer must not be used afterwards. */
    public ByteBuffer toBuffer() {
        return ByteBuffer.wrap(bytes, 0, view.position()).slice().order(ByteOrder.LITTLE_ENDIAN);
    }
}
