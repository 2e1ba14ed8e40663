package io.lsmbd.segment;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import io.lsmbd.segment.SegmentFormat.Footer;
import io.lsmbd.segment.SegmentFormat.Layout;
import io.lsmbd.segment.SegmentFormat.Table;
import java.nio.ByteBuffer;

/**
 * All of a segment but its data. Immutable; made by building or by reading a segment, and the two
 * are equal byte for byte: {@link #encode} gives the tail of the object, from the frame table on.
 */
public final class SegmentTables {
    private static final int OWN_HEAP_BYTES = 200;

    private final SegmentHeader header;
    private final FrameTable frames;
    private final ExtentTable extents;
    private final Layout layout;

    private SegmentTables(
            SegmentHeader header, FrameTable frames, ExtentTable extents, Layout layout) {
        this.header = header;
        this.frames = frames;
        this.extents = extents;
        this.layout = layout;
    }

    public SegmentKind kind() {
        return header.kind();
    }

    public SegmentIdentity identity() {
        return header.identity();
    }

    SegmentHeader header() {
        return header;
    }

    public FrameTable frames() {
        return frames;
    }

    public ExtentTable extents() {
        return extents;
    }

    /** The number of sectors of data; segment addresses are below it. */
    public int dataSectors() {
        return layout.dataSectors();
    }

    public long objectBytes() {
        return layout.objectBytes();
    }

    /** An estimate of the heap that this holds, for the weights of caches. */
    public int heapBytes() {
        return OWN_HEAP_BYTES + frames.heapBytes() + extents.heapBytes();
    }

    /** Tables and their encoding, of which the layout keeps length and checksum. */
    record Encoded(SegmentTables tables, ByteBuffer bytes) {}

    static Encoded of(SegmentHeader header, FrameTable frames, ExtentTable extents) {
        FormatWriter out =
                new FormatWriter(
                        frames.count() * SegmentFormat.FRAME_ENTRY_BYTES + extents.count() * 4);
        frames.writeEntries(out);
        int split = out.size();
        extents.write(out);
        ByteBuffer bytes = out.toBuffer();
        int rest = bytes.remaining() - split;
        Layout layout =
                new Layout(
                        frames.count(),
                        extents.count(),
                        frames.dataSectors(),
                        frames.end(),
                        new Table(split, Crc32c.of(bytes, 0, split)),
                        new Table(rest, Crc32c.of(bytes, split, rest)));
        return new Encoded(new SegmentTables(header, frames, extents, layout), bytes);
    }

    SegmentTables withHeader(SegmentHeader other) {
        return new SegmentTables(other, frames, extents, layout);
    }

    byte[] encodeFooter() {
        return SegmentFormat.encodeFooter(new Footer(header, layout));
    }

    /** The last bytes of the object: both tables and the footer. */
    public byte[] encode() {
        FormatWriter out = new FormatWriter(layout.tailBytes());
        frames.writeEntries(out);
        extents.write(out);
        return out.bytes(encodeFooter()).toBytes();
    }

    /** From what {@link #encode} gave; {@code where} is named if it is damaged. */
    public static SegmentTables decode(byte[] tail, String where) throws CorruptDataException {
        ByteBuffer bytes = ByteBuffer.wrap(tail);
        if (tail.length < SegmentFormat.FOOTER_BYTES) {
            throw new CorruptDataException(where, 0, "too short: " + tail.length + " bytes");
        }
        Place place = new Place(where, 0);
        Footer footer = footerOf(bytes, place);
        if (footer.layout().tailBytes() != tail.length) {
            throw new CorruptDataException(
                    where,
                    0,
                    "%d bytes, not %d".formatted(tail.length, footer.layout().tailBytes()));
        }
        return ofTail(footer, bytes, place);
    }

    /** Where a buffer's bytes come from: index 0 of it is at {@code offset} of {@code where}. */
    record Place(String where, long offset) {
        CorruptDataException damaged(int index, CorruptFormatException e) {
            return new CorruptDataException(where, offset + index, e);
        }
    }

    /** The footer at the end of these bytes. */
    static Footer footerOf(ByteBuffer tail, Place place) throws CorruptDataException {
        int at = tail.limit() - SegmentFormat.FOOTER_BYTES;
        try {
            return SegmentFormat.decodeFooter(tail.slice(at, SegmentFormat.FOOTER_BYTES));
        } catch (CorruptFormatException e) {
            throw place.damaged(at, e);
        }
    }

    /** From the remaining bytes, the last of an object: frame table, extent table and footer. */
    static SegmentTables ofTail(Footer footer, ByteBuffer tail, Place place)
            throws CorruptDataException {
        Layout layout = footer.layout();
        int split = layout.frameTable().bytes();
        FrameTable frames;
        try {
            ByteBuffer bytes = tail.slice(tail.position(), split);
            layout.frameTable().check(bytes);
            FormatReader in = new FormatReader(bytes);
            frames = FrameTable.readEntries(in, layout.dataSectors());
            in.expectEnd();
            if (frames.end() != layout.framesEnd()) {
                throw new CorruptFormatException(
                        "frames end at %d, not %d".formatted(frames.end(), layout.framesEnd()));
            }
        } catch (CorruptFormatException e) {
            throw place.damaged(tail.position(), e);
        }
        try {
            ByteBuffer bytes = tail.slice(tail.position() + split, layout.extentTable().bytes());
            layout.extentTable().check(bytes);
            ExtentTable extents =
                    ExtentTable.read(
                            new FormatReader(bytes), layout.extents(), layout.dataSectors());
            return new SegmentTables(footer.header(), frames, extents, layout);
        } catch (CorruptFormatException e) {
            throw place.damaged(tail.position() + split, e);
        }
    }
}
