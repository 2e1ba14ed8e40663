package io.lsmbd.extent;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Live counts of a volume's segments: 12 bytes each. Only the applier changes it; anybody may read,
 * and sees each segment's counts as of some recent moment.
 */
public final class SegmentTable {
    private static final int CHUNK_SHIFT = 10;
    private static final int CHUNK = 1 << CHUNK_SHIFT;
    private static final int FIELDS = 3;

    /** Total data sectors; the top bit: the segment is known. Written last. */
    private static final int TOTAL = 0;

    private static final int LIVE = 1;
    private static final int STORED = 2;
    private static final int KNOWN = 1 << 31;

    /** 1024 segments. {@code changed} belongs to the applier. */
    private static final class Chunk {
        final AtomicIntegerArray fields = new AtomicIntegerArray(CHUNK * FIELDS);
        final long[] changed = new long[CHUNK / Long.SIZE];
        boolean isChanged;
    }

    private volatile @Nullable Chunk[] chunks = new Chunk[0];
    private volatile long mappedSectors;
    private volatile int count;

    /** The applier's. */
    private boolean hasChanges;

    /** Receives the states to be written back; null for a segment that was forgotten. */
    interface ChangeVisitor<E extends Exception> {
        void changed(long segment, @Nullable SegmentUsage usage) throws E;
    }

    public Optional<SegmentUsage> usage(long segment) {
        Chunk chunk = chunkOf(segment);
        return chunk == null ? Optional.empty() : usage(chunk, segment);
    }

    private static Optional<SegmentUsage> usage(Chunk chunk, long segment) {
        int at = fieldsOf(segment);
        int total = chunk.fields.get(at + TOTAL);
        return total >= 0
                ? Optional.empty()
                : Optional.of(
                        new SegmentUsage(
                                segment,
                                total & ~KNOWN,
                                chunk.fields.get(at + LIVE),
                                Integer.toUnsignedLong(chunk.fields.get(at + STORED))));
    }

    /** Tells the segments that are known while it runs, ascending. */
    public void forEach(Consumer<SegmentUsage> visitor) {
        @Nullable Chunk[] all = chunks;
        for (int i = 0; i < all.length; i++) {
            Chunk chunk = all[i];
            for (int j = 0; chunk != null && j < CHUNK; j++) {
                usage(chunk, ((long) i << CHUNK_SHIFT) + j).ifPresent(visitor);
            }
        }
    }

    /** Known segments. */
    public int count() {
        return count;
    }

    /** Sectors of the volume that are mapped. */
    public long mappedSectors() {
        return mappedSectors;
    }

    private static int fieldsOf(long segment) {
        return (int) (segment & (CHUNK - 1)) * FIELDS;
    }

    private @Nullable Chunk chunkOf(long segment) {
        @Nullable Chunk[] all = chunks;
        long index = segment >>> CHUNK_SHIFT;
        return index < all.length ? all[(int) index] : null;
    }

    boolean isKnown(long segment) {
        Chunk chunk = chunkOf(segment);
        return chunk != null && chunk.fields.get(fieldsOf(segment) + TOTAL) < 0;
    }

    // Only the applier writes these fields; volatile is for the readers.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void put(SegmentUsage usage) {
        long segment = usage.segment();
        Chunk chunk = chunkForPut(segment);
        int at = fieldsOf(segment);
        int before = chunk.fields.get(at + TOTAL);
        mappedSectors += usage.liveSectors() - (before < 0 ? chunk.fields.get(at + LIVE) : 0);
        count += before < 0 ? 0 : 1;
        chunk.fields.set(at + LIVE, usage.liveSectors());
        chunk.fields.set(at + STORED, (int) usage.storedBytes());
        chunk.fields.set(at + TOTAL, usage.totalSectors() | KNOWN);
        noteChange(chunk, segment);
    }

    /** Sectors of the segment are not mapped any more. */
    // Only the applier writes these fields; volatile is for the readers.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void displace(long segment, int sectors) {
        Chunk chunk = chunkOf(segment);
        int at = fieldsOf(segment);
        if (chunk == null
                || chunk.fields.get(at + TOTAL) >= 0
                || chunk.fields.get(at + LIVE) < sectors) {
            throw new IllegalStateException(
                    "live count broken: segment=%d displaced=%d known=%s"
                            .formatted(segment, sectors, usage(segment)));
        }
        chunk.fields.set(at + LIVE, chunk.fields.get(at + LIVE) - sectors);
        mappedSectors -= sectors;
        noteChange(chunk, segment);
    }

    // Only the applier writes these fields; volatile is for the readers.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void remove(long segment) {
        Chunk chunk = chunkOf(segment);
        int at = fieldsOf(segment);
        if (chunk != null && chunk.fields.get(at + TOTAL) < 0) {
            mappedSectors -= chunk.fields.get(at + LIVE);
            count--;
            chunk.fields.set(at + TOTAL, 0);
            noteChange(chunk, segment);
        }
    }

    private Chunk chunkForPut(long segment) {
        Chunk there = chunkOf(segment);
        if (there != null) {
            return there;
        }
        int index = (int) (segment >>> CHUNK_SHIFT);
        int length = chunks.length;
        int wanted = index < length ? length : Math.max(index + 1, length + length / 2);
        @Nullable Chunk[] all = Arrays.copyOf(chunks, wanted);
        Chunk chunk = new Chunk();
        all[index] = chunk;
        chunks = all;
        return chunk;
    }

    private void noteChange(Chunk chunk, long segment) {
        int index = (int) (segment & (CHUNK - 1));
        chunk.changed[index / Long.SIZE] |= 1L << index;
        chunk.isChanged = true;
        hasChanges = true;
    }

    boolean hasChanges() {
        return hasChanges;
    }

    /** Tells all that changed since {@link #clearChanges}. The applier's. */
    <E extends Exception> void forEachChange(ChangeVisitor<E> visitor) throws E {
        @Nullable Chunk[] all = chunks;
        for (int i = 0; i < all.length; i++) {
            Chunk chunk = all[i];
            if (chunk == null || !chunk.isChanged) {
                continue;
            }
            for (int word = 0; word < chunk.changed.length; word++) {
                for (long bits = chunk.changed[word]; bits != 0; bits &= bits - 1) {
                    long index = word * (long) Long.SIZE + Long.numberOfTrailingZeros(bits);
                    long segment = ((long) i << CHUNK_SHIFT) + index;
                    visitor.changed(segment, usage(chunk, segment).orElse(null));
                }
            }
        }
    }

    void clearChanges() {
        hasChanges = false;
        for (Chunk chunk : chunks) {
            if (chunk != null && chunk.isChanged) {
                Arrays.fill(chunk.changed, 0);
                chunk.isChanged = false;
            }
        }
    }
}
