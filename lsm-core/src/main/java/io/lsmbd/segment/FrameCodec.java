package io.lsmbd.segment;

import com.github.luben.zstd.Zstd;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.format.Crc32c;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** Opens stored frames. Stateless; any thread. */
public final class FrameCodec {
    private static final LZ4SafeDecompressor LZ4 = LZ4Factory.fastestInstance().safeDecompressor();

    private FrameCodec() {}

    /**
     * Checks a frame's stored bytes and puts its data into a buffer. Moves {@code into} by {@link
     * FrameEntry#plainBytes} only if all is well; else what lies behind its position is arbitrary.
     *
     * @param stored exactly the frame's stored bytes; its position stays
     * @param where the object's key, for the message
     * @throws CorruptDataException if stored bytes or data are not what the entry says
     */
    public static void decode(ByteBuffer stored, FrameEntry entry, ByteBuffer into, String where)
            throws CorruptDataException {
        int plainBytes = entry.plainBytes();
        if (into.remaining() < plainBytes) {
            throw new IllegalArgumentException(
                    into.remaining() + " bytes of room for a frame of " + plainBytes);
        }
        if (stored.remaining() != entry.storedBytes()) {
            throw damaged(
                    entry,
                    where,
                    "%d bytes, not %d".formatted(stored.remaining(), entry.storedBytes()));
        }
        check(entry.storedCrc(), Crc32c.of(stored), entry, where);
        int start = into.position();
        switch (entry.codec()) {
            case NONE -> into.put(start, stored, stored.position(), plainBytes);
            case LZ4 -> decodeLz4(stored, entry, into, where);
            case ZSTD -> decodeZstd(stored, entry, into, where);
        }
        check(entry.plainCrc(), Crc32c.of(into, start, plainBytes), entry, where);
        into.position(start + plainBytes);
    }

    private static void check(int expected, int actual, FrameEntry entry, String where)
            throws CorruptDataException {
        if (expected != actual) {
            throw damaged(
                    entry,
                    where,
                    "wrong checksum: expected %08x, computed %08x".formatted(expected, actual));
        }
    }

    private static void checkLength(long actual, FrameEntry entry, String where)
            throws CorruptDataException {
        if (actual != entry.plainBytes()) {
            throw damaged(
                    entry,
                    where,
                    "it opens to %d bytes, not %d".formatted(actual, entry.plainBytes()));
        }
    }

    private static CorruptDataException damaged(FrameEntry entry, String where, String problem) {
        return new CorruptDataException(
                where,
                entry.offset(),
                "frame of %d bytes: %s".formatted(entry.storedBytes(), problem));
    }

    private static void decodeLz4(
            ByteBuffer stored, FrameEntry entry, ByteBuffer into, String where)
            throws CorruptDataException {
        ByteBuffer source = accessible(stored);
        try {
            int length =
                    LZ4.decompress(
                            source,
                            source.position(),
                            source.remaining(),
                            into,
                            into.position(),
                            entry.plainBytes());
            checkLength(length, entry, where);
        } catch (LZ4Exception e) {
            throw damaged(entry, where, "LZ4: " + e.getMessage());
        }
    }

    private static void decodeZstd(
            ByteBuffer stored, FrameEntry entry, ByteBuffer into, String where)
            throws CorruptDataException {
        long length;
        if (stored.isDirect() && into.isDirect()) {
            length =
                    Zstd.decompressDirectByteBuffer(
                            into,
                            into.position(),
                            entry.plainBytes(),
                            stored,
                            stored.position(),
                            stored.remaining());
        } else {
            byte[] plain = new byte[entry.plainBytes()];
            byte[] source = new byte[stored.remaining()];
            stored.get(stored.position(), source);
            length = Zstd.decompressByteArray(plain, 0, plain.length, source, 0, source.length);
            into.put(into.position(), plain);
        }
        if (Zstd.isError(length)) {
            throw damaged(entry, where, "zstd: " + Zstd.getErrorName(length));
        }
        checkLength(length, entry, where);
    }

    /** Native code needs the memory's address or its array; a read-only heap buffer has neither. */
    private static ByteBuffer accessible(ByteBuffer stored) {
        if (stored.isDirect() || stored.hasArray()) {
            return stored;
        }
        return ByteBuffer.allocate(stored.remaining()).put(stored.duplicate()).flip();
    }
}
