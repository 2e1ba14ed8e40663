package io.lsmbd.extent;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import java.nio.ByteBuffer;

/**
 * Live counts, whole in every checkpoint and by segment in the local index.
 *
 * <pre>
 * whole table: u8 kind 0x53, varint count, then for each segment, ascending:
 *   varint number less the number before (at first: 0), varint total sectors, varint live sectors,
 *   varint stored bytes; u32 CRC-32C of all bytes before
 * one segment: varint total sectors, varint live sectors, varint stored bytes
 * </pre>
 *
 * Valid if and only if the checksum matches, nothing follows, numbers ascend and live is not above
 * total. The value in the local index is checked there.
 */
final class SegmentTableFormat {
    static final int KIND = 0x53;
    private static final int MIN_SEGMENT_BYTES = 4;
    private static final int EXPECTED_SEGMENT_BYTES = 10;
    private static final long MAX_COUNT = 1L << 27;

    private SegmentTableFormat() {}

    static byte[] encode(SegmentTable table) {
        FormatWriter out = new FormatWriter(16 + table.count() * EXPECTED_SEGMENT_BYTES);
        out.u8(KIND).varint(table.count());
        long[] last = {0};
        table.forEach(usage -> {
            out.varint(usage.segment() - last[0]);
            encode(out, usage);
            last[0] = usage.segment();
        });
        return out.crcSince(0).toBytes();
    }

    private static void encode(FormatWriter out, SegmentUsage usage) {
        out.varint(usage.totalSectors()).varint(usage.liveSectors()).varint(usage.storedBytes());
    }

    static void decode(ByteBuffer bytes, SegmentTable into) throws CorruptFormatException {
        MapFormat.checkCrc(bytes);
        FormatReader in = new FormatReader(bytes);
        MapFormat.expectKind(in, KIND);
        int count = in.count(Math.min(MAX_COUNT, in.remaining() / MIN_SEGMENT_BYTES));
        long segment = 0;
        for (int i = 0; i < count; i++) {
            long step = in.varint();
            if (step < (i == 0 ? 0 : 1)) {
                throw new CorruptFormatException("segments do not ascend after " + segment);
            }
            segment += step;
            into.put(decode(in, segment));
        }
        in.u32();
        in.expectEnd();
    }

    static byte[] encode(SegmentUsage usage) {
        FormatWriter out = new FormatWriter(EXPECTED_SEGMENT_BYTES);
        encode(out, usage);
        return out.toBytes();
    }

    static SegmentUsage decode(byte[] bytes, long segment) throws CorruptFormatException {
        FormatReader in = new FormatReader(ByteBuffer.wrap(bytes));
        SegmentUsage usage = decode(in, segment);
        in.expectEnd();
        return usage;
    }

    private static SegmentUsage decode(FormatReader in, long segment)
            throws CorruptFormatException {
        int total = in.count(Integer.MAX_VALUE);
        int live = in.count(total);
        long stored = in.varint();
        try {
            return new SegmentUsage(segment, total, live, stored);
        } catch (IllegalArgumentException e) {
            throw new CorruptFormatException(String.valueOf(e.getMessage()));
        }
    }
}
