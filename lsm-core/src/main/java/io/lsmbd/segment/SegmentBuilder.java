package io.lsmbd.segment;

import io.lsmbd.format.Crc32c;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.SectorRange;
import io.lsmbd.model.Sectors;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects extents in LBA order and makes a segment of them. Data is written once, by the caller,
 * straight into the builder's memory; frames that do not compress go out from there without a copy.
 * Reused for one segment after the other by one thread; takes off-heap memory of about twice its
 * capacity (once, without compression).
 */
public final class SegmentBuilder implements AutoCloseable {
    /** The most data that a segment can hold. */
    public static final DataSize MAX_CAPACITY =
            new DataSize(Sectors.toBytes(SegmentFormat.MAX_DATA_SECTORS));

    private static final long PAGE_BYTES = 4096;

    private final Arena arena = Arena.ofShared();
    private final FrameCompressor compressor;
    private final int capacitySectors;
    private final ByteBuffer plain;
    private final ByteBuffer compressed;
    private final ExtentTable.Builder extents = new ExtentTable.Builder(1024);

    /**
     * Takes its memory at once.
     *
     * @param level see {@link FrameCompressor#of}: how hard the codec tries
     * @param capacity how much data a segment holds at most, up to {@link #MAX_CAPACITY}
     */
    public SegmentBuilder(Codec codec, int level, DataSize capacity) {
        if (!Sectors.isAligned(capacity.bytes()) || capacity.compareTo(MAX_CAPACITY) > 0) {
            throw new IllegalArgumentException(
                    "a capacity of %s, not whole sectors up to %s"
                            .formatted(capacity, MAX_CAPACITY));
        }
        this.compressor = FrameCompressor.of(codec, level);
        this.capacitySectors = (int) (capacity.bytes() >> Sectors.SHIFT);
        this.plain = memory(capacity.bytes());
        // What pays is shorter than its data, so only the last attempt needs room beyond that.
        this.compressed =
                memory(
                        codec == Codec.NONE
                                ? 0
                                : capacity.bytes() + FrameCompressor.MAX_COMPRESSED_BYTES);
    }

    private ByteBuffer memory(long bytes) {
        return arena.allocate(bytes, PAGE_BYTES).asByteBuffer();
    }

    /** How many more sectors of data have room. */
    public int freeSectors() {
        return capacitySectors - extents.dataSectors();
    }

    /** How many more extents have room. */
    public int freeExtents() {
        return SegmentFormat.MAX_EXTENTS - extents.count();
    }

    public int dataSectors() {
        return extents.dataSectors();
    }

    public boolean isEmpty() {
        return extents.count() == 0;
    }

    /**
     * Adds an extent and returns the memory for its data, which the caller fills completely before
     * the next call: what it leaves out is an earlier segment's data.
     *
     * @param lba at or behind the end of the extent before
     */
    public ByteBuffer reserve(long lba, int sectors) {
        checkOrder(new SectorRange(lba, sectors));
        if (sectors > freeSectors()) {
            throw new IllegalStateException(
                    "%d sectors do not fit, %d are free".formatted(sectors, freeSectors()));
        }
        int from = extents.dataSectors() * Sectors.BYTES;
        extents.addData(lba, sectors);
        return plain.slice(from, sectors * Sectors.BYTES);
    }

    /** Adds an extent without data: what was trimmed or zeroed. */
    public void addHole(SectorRange range) {
        checkOrder(range);
        extents.addHole(range.lba(), range.sectors());
    }

    private void checkOrder(SectorRange range) {
        if (range.lba() < extents.endLba()) {
            throw new IllegalArgumentException(
                    "%s begins before the end of the extent before, %d"
                            .formatted(range, extents.endLba()));
        }
        if (range.endLba() > Sectors.MAX_VOLUME_SECTORS) {
            throw new IllegalArgumentException(range + " is beyond the largest volume");
        }
        if (freeExtents() == 0) {
            throw new IllegalStateException("no room for another extent");
        }
    }

    /**
     * Compresses and checksums everything; further extents cannot be added until {@link #reset}.
     */
    public BuiltSegment encode(SegmentIdentity identity) {
        int dataSectors = extents.dataSectors();
        FrameTable.Builder table = new FrameTable.Builder(dataSectors);
        Pieces pieces = new Pieces();
        CompressionTrial trial = new CompressionTrial();
        int frames = SegmentFormat.framesOf(dataSectors);
        int compressedEnd = 0;
        for (int frame = 0; frame < frames; frame++) {
            int from = frame * SegmentFormat.FRAME_BYTES;
            ByteBuffer data = plain.slice(from, SegmentFormat.plainBytesOf(frame, dataSectors));
            int plainBytes = data.remaining();
            int plainCrc = Crc32c.of(data);
            int length = plainBytes;
            if (compressor.codec() != Codec.NONE && trial.isWorthwhile()) {
                length = compressor.compress(data, compressed, compressedEnd);
                length = trial.pays(plainBytes, length) ? length : plainBytes;
            }
            if (length < plainBytes) {
                int storedCrc = Crc32c.of(compressed, compressedEnd, length);
                table.add(length, compressor.codec(), storedCrc, plainCrc);
                pieces.add(compressed, compressedEnd, length);
                compressedEnd += length;
            } else {
                table.add(plainBytes, Codec.NONE, plainCrc, plainCrc);
                pieces.add(plain, from, plainBytes);
            }
        }
        var encoded =
                SegmentTables.of(
                        new SegmentHeader(SegmentKind.DATA, identity),
                        table.build(),
                        extents.build());
        return new BuiltSegment(encoded.tables(), pieces.toList(), encoded.bytes());
    }

    /** Begins the next segment; what was built before must not be used any more. */
    public void reset() {
        extents.clear();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            compressor.close();
            arena.close();
        }
    }

    /** Slices of memory, where neighbours become one. */
    private static final class Pieces {
        private final List<ByteBuffer> pieces = new ArrayList<>();
        private ByteBuffer memory = ByteBuffer.allocate(0);
        private int from;
        private int end;

        // The same memory is meant, not memory with equal bytes.
        @SuppressWarnings("ReferenceEquality")
        void add(ByteBuffer other, int at, int length) {
            if (memory != other || at != end) {
                flush();
                memory = other;
                from = at;
            }
            end = at + length;
        }

        private void flush() {
            if (end > from) {
                pieces.add(memory.slice(from, end - from));
            }
            from = end;
        }

        List<ByteBuffer> toList() {
            flush();
            return pieces;
        }
    }
}
