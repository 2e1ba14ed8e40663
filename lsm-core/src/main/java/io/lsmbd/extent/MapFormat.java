package io.lsmbd.extent;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import io.lsmbd.model.VolumeId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Map objects, version 1. A checkpoint adds one to the bucket, or several if it is large; each is a
 * header followed by pieces, and the last one ends with a footer. Little-endian.
 *
 * <pre>
 * header: offset  type    name      meaning
 *         0       u32     magic     0x504d534c ("LSMP")
 *         4       u16     version   1
 *         6       u16     bytes     length of the header: 48
 *         8       u64     volume    that the checkpoint was taken of
 *         16      u64     number    of this object
 *         24      u64     segment   every segment up to it is in the map
 *         32      u64     time      milliseconds since 1970, for people
 *         40      u32     zero      0
 *         44      u32     crc       CRC-32C of bytes 0 to 44
 *
 * pieces: pages ({@link PageFormat}), nodes ({@link MapNode}), a segment table ({@link
 *         SegmentTableFormat}) and an object table; each ends with a CRC-32C of its own, which
 *         whoever refers to it names too, up to the manifest
 *
 * object table: u8 kind 0x4f, varint count, then for each object, ascending: varint number less the
 *         number before, varint stored bytes, varint live bytes; u32 CRC-32C of all bytes before
 *
 * footer: 0       u32     magic     0x464d534c ("LSMF")
 *         4       u16     version   1
 *         6       u16     level     of the root
 *         8       u64     number    of this object
 *         16      u64     segment   every segment up to it is in the map
 *         24      piece   root      all zero if nothing is mapped
 *         48      piece   segments  the segment table
 *         72      piece   objects   the object table
 *         96      u64     pages     in the tree
 *         104     u64     mapped    sectors
 *         112     u64     tree      bytes of the tree
 *         120     u32     crc       CRC-32C of bytes 0 to 120
 * piece:          u64 object, u64 offset, u32 length, u32 crc
 * </pre>
 *
 * The manifest repeats the footer ({@link CheckpointRef}), so no reader needs it to find its way;
 * it is there for tools that have lost the manifest, and to recognise one's own object after a put
 * of unknown outcome: equal footers mean equal trees.
 */
final class MapFormat {
    static final int HEADER_MAGIC = 0x504d534c;
    static final int FOOTER_MAGIC = 0x464d534c;
    static final int VERSION = 1;
    static final int HEADER_BYTES = 48;
    static final int FOOTER_BYTES = 124;
    private static final int OBJECT_TABLE_KIND = 0x4f;
    private static final int MIN_OBJECT_BYTES = 3;

    /** A parsed header. */
    record Header(VolumeId volume, long number, long segment, long timeMillis) {}

    private MapFormat() {}

    static byte[] encode(Header header) {
        byte[] bytes =
                new FormatWriter(HEADER_BYTES)
                        .u32(HEADER_MAGIC)
                        .u16(VERSION)
                        .u16(HEADER_BYTES)
                        .u64(header.volume().value())
                        .u64(header.number())
                        .u64(header.segment())
                        .u64(header.timeMillis())
                        .u32(0)
                        .crcSince(0)
                        .toBytes();
        return expectLength(bytes, HEADER_BYTES);
    }

    static Header decodeHeader(ByteBuffer bytes) throws CorruptFormatException {
        FormatReader in = new FormatReader(bytes);
        in.expectMagic(HEADER_MAGIC);
        expectVersion(in.u16());
        int length = in.u16();
        Header header = new Header(new VolumeId(in.u64()), in.u64(), in.u64(), in.u64());
        int zero = in.u32();
        in.expectCrcSince(0);
        if (length != HEADER_BYTES || zero != 0) {
            throw new CorruptFormatException("header of " + length + " bytes, padding " + zero);
        }
        return header;
    }

    static byte[] encode(CheckpointRef ref) {
        FormatWriter out = new FormatWriter(FOOTER_BYTES);
        out.u32(FOOTER_MAGIC).u16(VERSION).u16(ref.rootLevel());
        out.u64(ref.number()).u64(ref.segment());
        writeFixedPiece(out, ref.root());
        writeFixedPiece(out, ref.segmentTable());
        writeFixedPiece(out, ref.objectTable());
        out.u64(ref.pages()).u64(ref.mappedSectors()).u64(ref.treeBytes());
        return expectLength(out.crcSince(0).toBytes(), FOOTER_BYTES);
    }

    static CheckpointRef decodeFooter(ByteBuffer bytes) throws CorruptFormatException {
        FormatReader in = new FormatReader(bytes);
        in.expectMagic(FOOTER_MAGIC);
        expectVersion(in.u16());
        int level = in.u16();
        long number = in.u64();
        long segment = in.u64();
        PieceRef root = readFixedPiece(in);
        PieceRef segments = readFixedPiece(in);
        PieceRef objects = readFixedPiece(in);
        long pages = in.u64();
        long mapped = in.u64();
        long tree = in.u64();
        in.expectCrcSince(0);
        if (segments == null || objects == null) {
            throw new CorruptFormatException("a checkpoint without its tables");
        }
        try {
            return new CheckpointRef(
                    number, segment, level, root, segments, objects, pages, mapped, tree);
        } catch (IllegalArgumentException e) {
            throw new CorruptFormatException(String.valueOf(e.getMessage()));
        }
    }

    private static void writeFixedPiece(FormatWriter out, @Nullable PieceRef piece) {
        if (piece == null) {
            out.u64(0).u64(0).u32(0).u32(0);
        } else {
            out.u64(piece.object()).u64(piece.offsetBytes());
            out.u32(piece.lengthBytes()).u32((int) piece.crc());
        }
    }

    private static @Nullable PieceRef readFixedPiece(FormatReader in)
            throws CorruptFormatException {
        long object = in.u64();
        long offset = in.u64();
        int length = in.u32();
        int crc = in.u32();
        if (object == 0 && offset == 0 && length == 0 && crc == 0) {
            return null;
        }
        return piece(object, offset, length, crc);
    }

    /** A piece as a node names it. */
    static PieceRef readPiece(FormatReader in) throws CorruptFormatException {
        long object = in.varint();
        long offset = in.varint();
        return piece(object, offset, in.count(PieceRef.MAX_BYTES), in.u32());
    }

    private static PieceRef piece(long object, long offset, int length, int crc)
            throws CorruptFormatException {
        try {
            return new PieceRef(object, offset, length, Integer.toUnsignedLong(crc));
        } catch (IllegalArgumentException e) {
            throw new CorruptFormatException(String.valueOf(e.getMessage()));
        }
    }

    static byte[] encode(List<MapObjectUsage> objects) {
        FormatWriter out = new FormatWriter(16 + objects.size() * 10);
        out.u8(OBJECT_TABLE_KIND).varint(objects.size());
        long last = 0;
        for (MapObjectUsage object : objects) {
            out.varint(object.object() - last).varint(object.storedBytes());
            out.varint(object.liveBytes());
            last = object.object();
        }
        return out.crcSince(0).toBytes();
    }

    static List<MapObjectUsage> decodeObjectTable(ByteBuffer bytes) throws CorruptFormatException {
        checkCrc(bytes);
        FormatReader in = new FormatReader(bytes);
        expectKind(in, OBJECT_TABLE_KIND);
        int count = in.count(in.remaining() / MIN_OBJECT_BYTES);
        List<MapObjectUsage> objects = new ArrayList<>(count);
        long number = 0;
        for (int i = 0; i < count; i++) {
            number += in.varint();
            try {
                objects.add(new MapObjectUsage(number, in.varint(), in.varint()));
            } catch (IllegalArgumentException e) {
                throw new CorruptFormatException(String.valueOf(e.getMessage()));
            }
        }
        in.u32();
        in.expectEnd();
        return objects;
    }

    /** The checksum at a piece's end. */
    static int storedCrc(ByteBuffer piece) {
        return piece.duplicate()
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt(piece.limit() - Integer.BYTES);
    }

    /** Every piece ends with a checksum of the bytes before. */
    static void checkCrc(ByteBuffer piece) throws CorruptFormatException {
        int length = piece.remaining() - Integer.BYTES;
        if (length < 1) {
            throw new CorruptFormatException("a piece of %d bytes".formatted(piece.remaining()));
        }
        int stored = storedCrc(piece);
        int computed = Crc32c.of(piece, piece.position(), length);
        if (stored != computed) {
            throw new CorruptFormatException(
                    "wrong checksum of %d bytes: stored %08x, computed %08x"
                            .formatted(length, stored, computed));
        }
    }

    static void expectKind(FormatReader in, int kind) throws CorruptFormatException {
        int actual = in.u8();
        if (actual != kind) {
            throw new CorruptFormatException(
                    "a piece of kind %02x, not %02x".formatted(actual, kind));
        }
    }

    private static void expectVersion(int version) throws CorruptFormatException {
        if (version != VERSION) {
            throw new CorruptFormatException(
                    "map format version %d; this lsmbd reads version %d"
                            .formatted(version, VERSION));
        }
    }

    private static byte[] expectLength(byte[] bytes, int length) {
        if (bytes.length != length) {
            throw new IllegalStateException(bytes.length + " bytes, not " + length);
        }
        return bytes;
    }
}
