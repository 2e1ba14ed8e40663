package io.lsmbd.segment;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import io.lsmbd.model.ByteRange;
import java.nio.ByteBuffer;

/**
 * Where the frames of a segment are: all that reading its data needs. Immutable. Its encoding for
 * local caches is independent of the object's:
 *
 * <pre>
 * offset size type   name
 *      0    4 u32    magic "LSFT"
 *      4    2 u16    version = 1
 *      6    4 u32    data sectors
 *     10   13        per frame, as in {@link SegmentFormat}
 *           4 u32    CRC-32C of all before it
 * </pre>
 */
public final class FrameTable {
    private static final int MAGIC = 0x5446534c;
    private static final int OWN_BYTES = 14;
    private static final int OBJECT_HEADER_BYTES = 16;
    private static final int FRAME_HEAP_BYTES = 3 * Integer.BYTES + 1;

    private final int dataSectors;

    /** Frame i is stored in {@code [offsets[i], offsets[i + 1])}. */
    private final int[] offsets;

    private final byte[] codecs;
    private final int[] storedCrcs;
    private final int[] plainCrcs;

    private FrameTable(
            int dataSectors, int[] offsets, byte[] codecs, int[] storedCrcs, int[] plainCrcs) {
        this.dataSectors = dataSectors;
        this.offsets = offsets;
        this.codecs = codecs;
        this.storedCrcs = storedCrcs;
        this.plainCrcs = plainCrcs;
    }

    /** The frame that holds this segment address. */
    public static int frameOf(int address) {
        return address / SegmentFormat.FRAME_SECTORS;
    }

    /** The sectors of plain data in every frame but the last. */
    public static int frameSectors() {
        return SegmentFormat.FRAME_SECTORS;
    }

    public int count() {
        return codecs.length;
    }

    public int dataSectors() {
        return dataSectors;
    }

    public FrameEntry entry(int frame) {
        return new FrameEntry(
                offsets[frame],
                offsets[frame + 1] - offsets[frame],
                SegmentFormat.plainBytesOf(frame, dataSectors),
                codec(frame),
                storedCrcs[frame],
                plainCrcs[frame]);
    }

    /** The stored bytes of neighbouring frames, from the first up to and with the last. */
    public ByteRange range(int first, int last) {
        return new ByteRange(offsets[first], offsets[last + 1] - offsets[first]);
    }

    /** Where in the object the last frame ends. */
    long end() {
        return offsets[count()];
    }

    private Codec codec(int frame) {
        try {
            return Codec.fromWire(codecs[frame]);
        } catch (CorruptFormatException e) {
            throw new IllegalStateException("checked when it was read", e);
        }
    }

    /** An estimate of the heap that this holds, for the weights of caches. */
    public int heapBytes() {
        return 5 * OBJECT_HEADER_BYTES + 24 + count() * FRAME_HEAP_BYTES;
    }

    public byte[] encode() {
        FormatWriter out = new FormatWriter(OWN_BYTES + count() * SegmentFormat.FRAME_ENTRY_BYTES);
        out.u32(MAGIC).u16(SegmentFormat.VERSION).u32(dataSectors);
        writeEntries(out);
        return out.crcSince(0).toBytes();
    }

    void writeEntries(FormatWriter out) {
        for (int i = 0; i < count(); i++) {
            out.u32(offsets[i + 1] - offsets[i]).u8(codecs[i]);
            out.u32(storedCrcs[i]).u32(plainCrcs[i]);
        }
    }

    public static FrameTable decode(byte[] bytes) throws CorruptFormatException {
        FormatReader in = new FormatReader(ByteBuffer.wrap(bytes));
        in.expectMagic(MAGIC);
        int version = in.u16();
        int dataSectors = in.u32();
        if (version != SegmentFormat.VERSION
                || dataSectors < 0
                || dataSectors > SegmentFormat.MAX_DATA_SECTORS) {
            throw new CorruptFormatException(
                    "version %d, %d data sectors".formatted(version, dataSectors));
        }
        FrameTable table = readEntries(in, dataSectors);
        in.expectCrcSince(0);
        in.expectEnd();
        return table;
    }

    /** The number of sectors is checked already; it bounds what is allocated. */
    static FrameTable readEntries(FormatReader in, int dataSectors) throws CorruptFormatException {
        Builder table = new Builder(dataSectors);
        int count = SegmentFormat.framesOf(dataSectors);
        for (int i = 0; i < count; i++) {
            int storedBytes = in.u32();
            Codec codec = Codec.fromWire(in.u8());
            checkLength(i, storedBytes, codec, SegmentFormat.plainBytesOf(i, dataSectors));
            table.add(storedBytes, codec, in.u32(), in.u32());
        }
        return table.build();
    }

    private static void checkLength(int frame, int storedBytes, Codec codec, int plainBytes)
            throws CorruptFormatException {
        boolean isPlausible =
                codec == Codec.NONE
                        ? storedBytes == plainBytes
                        : storedBytes > 0 && storedBytes < plainBytes;
        if (!isPlausible) {
            throw new CorruptFormatException(
                    "frame %d of %d bytes cannot take %s bytes with codec %s"
                            .formatted(
                                    frame,
                                    plainBytes,
                                    Integer.toUnsignedString(storedBytes),
                                    codec));
        }
    }

    /** Takes the frames of a segment in their order. */
    static final class Builder {
        private final int dataSectors;
        private final int[] offsets;
        private final byte[] codecs;
        private final int[] storedCrcs;
        private final int[] plainCrcs;
        private int count;

        Builder(int dataSectors) {
            int frames = SegmentFormat.framesOf(dataSectors);
            this.dataSectors = dataSectors;
            this.offsets = new int[frames + 1];
            this.codecs = new byte[frames];
            this.storedCrcs = new int[frames];
            this.plainCrcs = new int[frames];
            this.offsets[0] = SegmentFormat.HEADER_BYTES;
        }

        void add(int storedBytes, Codec codec, int storedCrc, int plainCrc) {
            offsets[count + 1] = Math.addExact(offsets[count], storedBytes);
            codecs[count] = (byte) codec.wire();
            storedCrcs[count] = storedCrc;
            plainCrcs[count] = plainCrc;
            count++;
        }

        FrameTable build() {
            if (count != codecs.length) {
                throw new IllegalStateException(count + " frames instead of " + codecs.length);
            }
            return new FrameTable(dataSectors, offsets, codecs, storedCrcs, plainCrcs);
        }
    }
}
