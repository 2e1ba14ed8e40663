package io.lsmbd.extent;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import java.nio.ByteBuffer;

/**
 * A map page, in the local index and in map objects. Integers are little-endian; varint: 7 bits a
 * byte, lowest first; zigzag: a signed number n as the varint of (n &lt;&lt; 1) ^ (n &gt;&gt; 63).
 *
 * <pre>
 * type    name         meaning
 * u8      kind         0x50
 * varint  page         number of the page: it covers sectors [page * 2^15, (page + 1) * 2^15)
 * varint  last         the newest segment that changed the page
 * varint  count        extents, at most 2^15
 * count times:
 *   varint  gap        sectors between the end of the extent before (at first: 0) and this one
 *   varint  length-1   sectors, less one
 *   zigzag  segment    less the segment of the extent before (at first: 0)
 *   zigzag  address    less the address where the extent before ends (at first: 0)
 * u32     crc          CRC-32C of all bytes before
 * </pre>
 *
 * Valid if and only if: the checksum matches and nothing follows it; the page is the one that was
 * looked for; extents lie within the region; segments are below 2^32 and not above {@code last};
 * addresses, also of an extent's end, are below 2^31. Anything else is damage, reported and never
 * used. A page without extents is kept where it hides one of an older checkpoint.
 */
final class PageFormat {
    static final int KIND = 0x50;
    private static final int MIN_ENTRY_BYTES = 4;
    private static final int MAX_EXPECTED_BYTES = 1 << 16;

    private PageFormat() {}

    static byte[] encode(MapPage page) {
        int count = page.count();
        FormatWriter out = new FormatWriter(Math.min(32 + count * 9, MAX_EXPECTED_BYTES));
        out.u8(KIND).varint(page.number()).varint(page.lastSegment()).varint(count);
        int end = 0;
        long segment = 0;
        long address = 0;
        for (int i = 0; i < count; i++) {
            out.varint(page.start(i) - end).varint(page.length(i) - 1);
            out.varint(zigzag(page.segment(i) - segment));
            out.varint(zigzag(page.address(i) - address));
            end = page.start(i) + page.length(i);
            segment = page.segment(i);
            address = (long) page.address(i) + page.length(i);
        }
        return out.crcSince(0).toBytes();
    }

    static MapPage decode(ByteBuffer bytes, long expectedPage) throws CorruptFormatException {
        MapFormat.checkCrc(bytes);
        FormatReader in = new FormatReader(bytes);
        MapFormat.expectKind(in, KIND);
        long page = in.varint();
        if (page != expectedPage) {
            throw new CorruptFormatException(
                    "page %d where page %d belongs".formatted(page, expectedPage));
        }
        long last = in.varint();
        if (last < 0 || last > MapPage.MAX_SEGMENT) {
            throw new CorruptFormatException("no such segment: " + Long.toUnsignedString(last));
        }
        int count = in.count(Math.min(MapPage.SECTORS, in.remaining() / MIN_ENTRY_BYTES));
        int[] entries = new int[count * MapPage.ENTRY_INTS];
        int end = 0;
        long segment = 0;
        long address = 0;
        for (int i = 0; i < entries.length; i += MapPage.ENTRY_INTS) {
            int start = end + in.count(MapPage.SECTORS - 1L - end);
            int length = 1 + in.count(MapPage.SECTORS - 1L - start);
            segment += unzigzag(in.varint());
            address += unzigzag(in.varint());
            if (segment < 0 || segment > last || address < 0) {
                throw new CorruptFormatException(
                        "no such location: segment %d address %d".formatted(segment, address));
            }
            entries[i] = MapPage.packRun(start, length);
            entries[i + 1] = (int) segment;
            entries[i + 2] = (int) address;
            end = start + length;
            address += length;
            if (address > Integer.MAX_VALUE) {
                throw new CorruptFormatException("an extent ends at address " + address);
            }
        }
        in.u32();
        in.expectEnd();
        return MapPage.of(page, entries, last);
    }

    /** The newest segment that changed the page, out of bytes that were checked already. */
    static long lastSegment(byte[] bytes) throws CorruptFormatException {
        FormatReader in = new FormatReader(ByteBuffer.wrap(bytes));
        MapFormat.expectKind(in, KIND);
        in.varint();
        return in.varint();
    }

    private static long zigzag(long value) {
        return value << 1 ^ value >> 63;
    }

    private static long unzigzag(long value) {
        return value >>> 1 ^ -(value & 1);
    }
}
