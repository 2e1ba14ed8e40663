package io.lsmbd.segment;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeId;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The bytes of a segment, version 1. Little-endian, no alignment, no gaps.
 *
 * <pre>
 * header                                   footer
 * offset size type name                    offset size type name
 *      0    4 u32  magic "LSEG"                 0   84      the header once more
 *      4    2 u16  version = 1                 84    4 u32  frames
 *      6    1 u8   kind: 0 data, 1 fence       88    4 u32  extents
 *      7    1 u8   zero                        92    4 u32  data sectors
 *      8    8 u64  volume id                   96    8 u64  frame table's offset
 *     16    8 u64  number n                   104    4 u32  frame table's length
 *     24    4 u32  epoch                      108    4 u32  frame table's CRC-32C
 *     28    4 u32  sectors per frame = 128    112    4 u32  extent table's length
 *     32    8 u64  writer, high half          116    4 u32  extent table's CRC-32C
 *     40    8 u64  writer, low half           120    8 u64  length of the object
 *     48    8 u64  nonce                      128    4 u32  CRC-32C of [0, 128)
 *     56    8 u64  first LSN                  132    4 u32  magic "GESL"
 *     64    8 u64  last LSN                   136
 *     72    8 u64  wall clock, ms since 1970
 *     80    4 u32  CRC-32C of [0, 80)
 *     84
 *
 * frame table: per frame, in order         extent table: per extent, in LBA order
 *      0    4 u32  stored length                varint  LBA - end of the extent before it
 *      4    1 u8   codec: none, LZ4, zstd       varint  sectors * 2 + (1 if it is a hole)
 *      5    4 u32  CRC-32C of stored bytes
 *      9    4 u32  CRC-32C of plain bytes
 *     13
 * </pre>
 *
 * <p>Frame i begins where frame i - 1 ends, frame 0 behind the header; all frames but the last hold
 * 128 sectors, the last one the rest. The data of extents that are not holes follows each other in
 * the segment's address space without gap, so addresses are implied, too.
 *
 * <p>A segment is valid if and only if all magics, versions, CRCs and constants are as above,
 * header and footer agree, the lengths of header, frames, tables and footer add up to the length of
 * the object, frames = ceil(data sectors / 128), a frame of codec none is as long as its data and
 * any other shorter, every extent has at least one sector and lies within 2^41 sectors, the sectors
 * of all data extents add up to the data sectors, and a fence has neither frames nor extents. A
 * reader treats any violation as damage and returns nothing of the part concerned; a version above
 * 1 is refused with a message of its own.
 */
final class SegmentFormat {
    static final int VERSION = 1;
    static final int HEADER_BYTES = 84;
    static final int FOOTER_BYTES = 136;
    static final int FRAME_ENTRY_BYTES = 13;
    static final int FRAME_SECTORS = 128;
    static final int FRAME_BYTES = FRAME_SECTORS * Sectors.BYTES;
    static final int MAX_FRAMES = 1024;
    static final int MAX_DATA_SECTORS = MAX_FRAMES * FRAME_SECTORS;
    static final int MAX_EXTENTS = 1 << 20;
    static final int MAX_FRAME_TABLE_BYTES = MAX_FRAMES * FRAME_ENTRY_BYTES;

    /** Two varints each, of 6 and 7 bytes at most, as an LBA has 41 bits. */
    static final int MAX_EXTENT_TABLE_BYTES = MAX_EXTENTS * 13;

    static final int MIN_OBJECT_BYTES = HEADER_BYTES + FOOTER_BYTES;
    static final long MAX_OBJECT_BYTES =
            MIN_OBJECT_BYTES
                    + (long) MAX_FRAMES * FRAME_BYTES
                    + MAX_FRAME_TABLE_BYTES
                    + MAX_EXTENT_TABLE_BYTES;

    private static final int MAGIC = 0x4745534c;
    private static final int END_MAGIC = 0x4c534547;

    private SegmentFormat() {}

    /** The footer's own part: where the tables are and what they must add up to. */
    record Layout(
            int frames,
            int extents,
            int dataSectors,
            long framesEnd,
            Table frameTable,
            Table extentTable) {
        long objectBytes() {
            return framesEnd + frameTable.bytes + extentTable.bytes + FOOTER_BYTES;
        }

        /** How much of the object's end holds all but header and frames. */
        int tailBytes() {
            return frameTable.bytes + extentTable.bytes + FOOTER_BYTES;
        }
    }

    /** The length and checksum of one table. */
    record Table(int bytes, int crc) {
        void check(ByteBuffer table) throws CorruptFormatException {
            int actual = Crc32c.of(table);
            if (table.remaining() != bytes || actual != crc) {
                throw new CorruptFormatException(
                        "wrong checksum of %d bytes: stored %08x, computed %08x"
                                .formatted(table.remaining(), crc, actual));
            }
        }
    }

    /** A whole footer. */
    record Footer(SegmentHeader header, Layout layout) {}

    static int framesOf(int dataSectors) {
        return Math.ceilDiv(dataSectors, FRAME_SECTORS);
    }

    static int plainBytesOf(int frame, int dataSectors) {
        return Math.min(FRAME_SECTORS, dataSectors - frame * FRAME_SECTORS) * Sectors.BYTES;
    }

    static byte[] encodeHeader(SegmentHeader header) {
        FormatWriter out = new FormatWriter(HEADER_BYTES);
        writeHeader(out, header);
        return sized(out, HEADER_BYTES);
    }

    private static void writeHeader(FormatWriter out, SegmentHeader header) {
        SegmentIdentity identity = header.identity();
        out.u32(MAGIC).u16(VERSION).u8(header.kind().wire()).u8(0);
        out.u64(identity.volumeId().value()).u64(identity.number());
        out.u32((int) identity.epoch()).u32(FRAME_SECTORS);
        out.u64(identity.writer().getMostSignificantBits());
        out.u64(identity.writer().getLeastSignificantBits()).u64(identity.nonce());
        out.u64(identity.firstLsn()).u64(identity.lastLsn()).u64(identity.wallMillis());
        out.crcSince(0);
    }

    private static byte[] sized(FormatWriter out, int expected) {
        if (out.size() != expected) {
            throw new IllegalStateException(out.size() + " bytes instead of " + expected);
        }
        return out.toBytes();
    }

    static SegmentHeader decodeHeader(ByteBuffer bytes) throws CorruptFormatException {
        return readHeader(new FormatReader(bytes));
    }

    private static SegmentHeader readHeader(FormatReader in) throws CorruptFormatException {
        in.expectMagic(MAGIC);
        int version = in.u16();
        if (version > VERSION) {
            throw new CorruptFormatException(
                    "written by a newer lsmbd: version %d, this one reads up to %d"
                            .formatted(version, VERSION));
        }
        expect("version", VERSION, version);
        int kind = in.u8();
        expect("byte 7", 0, in.u8());
        VolumeId volume = new VolumeId(in.u64());
        long number = in.u64();
        long epoch = Integer.toUnsignedLong(in.u32());
        expect("sectors per frame", FRAME_SECTORS, in.u32());
        UUID writer = new UUID(in.u64(), in.u64());
        long nonce = in.u64();
        long firstLsn = in.u64();
        long lastLsn = in.u64();
        long wallMillis = in.u64();
        in.expectCrcSince(0);
        if (number < 0 || firstLsn < 0 || lastLsn < firstLsn) {
            throw new CorruptFormatException(
                    "number %d with LSNs %d to %d".formatted(number, firstLsn, lastLsn));
        }
        return new SegmentHeader(
                SegmentKind.fromWire(kind),
                new SegmentIdentity(
                        volume, number, epoch, firstLsn, lastLsn, writer, nonce, wallMillis));
    }

    static byte[] encodeFooter(Footer footer) {
        Layout layout = footer.layout;
        FormatWriter out = new FormatWriter(FOOTER_BYTES);
        writeHeader(out, footer.header);
        out.u32(layout.frames).u32(layout.extents).u32(layout.dataSectors);
        out.u64(layout.framesEnd).u32(layout.frameTable.bytes).u32(layout.frameTable.crc);
        out.u32(layout.extentTable.bytes).u32(layout.extentTable.crc);
        out.u64(layout.objectBytes());
        out.crcSince(0).u32(END_MAGIC);
        return sized(out, FOOTER_BYTES);
    }

    /** Checks all of it, but neither the tables nor whether the object is as long as it says. */
    static Footer decodeFooter(ByteBuffer bytes) throws CorruptFormatException {
        FormatReader in = new FormatReader(bytes);
        SegmentHeader header = readHeader(in);
        int frames = in.u32();
        int extents = in.u32();
        int dataSectors = in.u32();
        long framesEnd = in.u64();
        Table frameTable = new Table(in.u32(), in.u32());
        Table extentTable = new Table(in.u32(), in.u32());
        long storedBytes = in.u64();
        in.expectCrcSince(0);
        in.expectMagic(END_MAGIC);
        in.expectEnd();
        Layout layout =
                new Layout(frames, extents, dataSectors, framesEnd, frameTable, extentTable);
        checkCounts(header.kind(), layout);
        expect("length of all parts", storedBytes, layout.objectBytes());
        return new Footer(header, layout);
    }

    private static void checkCounts(SegmentKind kind, Layout layout) throws CorruptFormatException {
        boolean isFence = kind == SegmentKind.FENCE;
        cap("data sectors", layout.dataSectors, isFence ? 0 : MAX_DATA_SECTORS);
        cap("extents", layout.extents, isFence ? 0 : MAX_EXTENTS);
        expect("frames", framesOf(layout.dataSectors), layout.frames);
        expect(
                "length of the frame table",
                (long) layout.frames * FRAME_ENTRY_BYTES,
                layout.frameTable.bytes);
        cap("length of the extent table", layout.extentTable.bytes, MAX_EXTENT_TABLE_BYTES);
        long dataBytes = Sectors.toBytes(layout.dataSectors);
        if (layout.framesEnd < HEADER_BYTES || layout.framesEnd > HEADER_BYTES + dataBytes) {
            throw new CorruptFormatException(
                    "frames end at %d, beyond their %d bytes of data"
                            .formatted(layout.framesEnd, dataBytes));
        }
    }

    private static void cap(String what, int actual, int max) throws CorruptFormatException {
        if (actual < 0 || actual > max) {
            throw new CorruptFormatException(
                    "%s: %s, above the cap of %d"
                            .formatted(what, Integer.toUnsignedString(actual), max));
        }
    }

    private static void expect(String what, long expected, long actual)
            throws CorruptFormatException {
        if (expected != actual) {
            throw new CorruptFormatException(
                    "%s: expected %d, found %d".formatted(what, expected, actual));
        }
    }
}
