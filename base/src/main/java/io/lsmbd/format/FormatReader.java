package io.lsmbd.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads what {@link FormatWriter} writes. Every step past the end, and every count above its cap,
 * is a {@link CorruptFormatException}: input is hostile, lengths are checked before allocation.
 */
public final class FormatReader {
    private final ByteBuffer in;

    /** Reads the buffer's remaining bytes through a view; the buffer's own position stays. */
    public FormatReader(ByteBuffer in) {
        this.in = in.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private void need(int count) throws CorruptFormatException {
        if (in.remaining() < count) {
            throw new CorruptFormatException(
                    "ends too early: %d bytes wanted at offset %d, %d left"
                            .formatted(count, in.position(), in.remaining()));
        }
    }

    public int u8() throws CorruptFormatException {
        need(Byte.BYTES);
        return in.get() & 0xff;
    }

    public int u16() throws CorruptFormatException {
        need(Short.BYTES);
        return in.getShort() & 0xffff;
    }

    public int u32() throws CorruptFormatException {
        need(Integer.BYTES);
        return in.getInt();
    }

    public long u64() throws CorruptFormatException {
        need(Long.BYTES);
        return in.getLong();
    }

    public long varint() throws CorruptFormatException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7f) << shift;
            if ((next & 0x80) == 0) {
                if (shift == 63 && next > 1) {
                    break;
                }
                return value;
            }
        }
        throw new CorruptFormatException(
                "number of more than 64 bits before offset " + in.position());
    }

    /** A number that must lie in {@code [0, max]}: a count, length or index. */
    public int count(long max) throws CorruptFormatException {
        long value = varint();
        if (value < 0 || value > Math.min(max, Integer.MAX_VALUE)) {
            throw new CorruptFormatException(
                    "count %s above its cap of %d before offset %d"
                            .formatted(Long.toUnsignedString(value), max, in.position()));
        }
        return (int) value;
    }

    public byte[] bytes(int count) throws CorruptFormatException {
        need(count);
        byte[] out = new byte[count];
        in.get(out);
        return out;
    }

    public void expectMagic(int magic) throws CorruptFormatException {
        int actual = u32();
        if (actual != magic) {
            throw new CorruptFormatException(
                    "wrong magic: expected %08x, found %08x".formatted(magic, actual));
        }
    }

    /** Checks a stored CRC-32C, read here, against the bytes from index {@code from} up to it. */
    public void expectCrcSince(int from) throws CorruptFormatException {
        int end = in.position();
        int stored = u32();
        int computed = Crc32c.of(in, from, end - from);
        if (stored != computed) {
            throw new CorruptFormatException(
                    "wrong checksum of bytes %d to %d: stored %08x, computed %08x"
                            .formatted(from, end, stored, computed));
        }
    }

    public int position() {
        return in.position();
    }

    public int remaining() {
        return in.remaining();
    }

    public void expectEnd() throws CorruptFormatException {
        if (in.hasRemaining()) {
            throw new CorruptFormatException(
                    "%d bytes too many after offset %d".formatted(in.remaining(), in.position()));
        }
    }
}
