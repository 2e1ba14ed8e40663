package io.lsmbd.extent;

import org.jspecify.annotations.Nullable;

/**
 * The extents of one region of a volume. Its content never changes; the applier replaces the page.
 * 12 bytes an extent in one array: start and length in the region, segment (unsigned), address;
 * sorted by start, not overlapping, neighbours merged where segment and address go on too.
 */
final class MapPage implements RadixSlot {
    /** A page covers 2^15 sectors: 16 MiB. */
    static final int SHIFT = 15;

    static final int SECTORS = 1 << SHIFT;

    /** Pages of a volume of 1 PiB. */
    static final long MAX_PAGES = 1L << 26;

    static final int ENTRY_INTS = 3;
    static final long MAX_SEGMENT = 0xffff_ffffL;

    private static final int[] NO_ENTRIES = {};
    private static final int OBJECT_BYTES = 40 + 8;
    private static final int ARRAY_HEADER_BYTES = 16;
    private static final int LENGTH_MASK = SECTORS - 1;

    private final int[] entries;
    private final long lastSegment;
    private final int number;

    /** Where the page is installed; set before it is, by whoever installs it. */
    @Nullable RadixNode home;

    /** Its place in the budget's ring plus one; guarded by the budget's lock. */
    int ringPlace;

    /** Read since the clock's hand last passed; a lost update costs nothing but a worse guess. */
    boolean isReferenced;

    private MapPage(int number, int[] entries, long lastSegment) {
        this.number = number;
        this.entries = entries;
        this.lastSegment = lastSegment;
    }

    /** Takes over the array. */
    static MapPage of(long number, int[] entries, long lastSegment) {
        return new MapPage(
                Math.toIntExact(number), entries.length == 0 ? NO_ENTRIES : entries, lastSegment);
    }

    /** A page that maps nothing. */
    static MapPage empty(long number, long lastSegment) {
        return of(number, NO_ENTRIES, lastSegment);
    }

    static int packRun(int start, int length) {
        return start << SHIFT | (length - 1);
    }

    long number() {
        return number;
    }

    long firstLba() {
        return (long) number << SHIFT;
    }

    /** The newest segment that changed the page; 0 if none did. */
    long lastSegment() {
        return lastSegment;
    }

    int count() {
        return entries.length / ENTRY_INTS;
    }

    boolean isEmpty() {
        return entries.length == 0;
    }

    /** First sector of the extent, counted from the region's first. */
    int start(int index) {
        return entries[index * ENTRY_INTS] >>> SHIFT;
    }

    int length(int index) {
        return (entries[index * ENTRY_INTS] & LENGTH_MASK) + 1;
    }

    long segment(int index) {
        return Integer.toUnsignedLong(entries[index * ENTRY_INTS + 1]);
    }

    int address(int index) {
        return entries[index * ENTRY_INTS + 2];
    }

    /** The first extent that ends after {@code sector} of the region; {@link #count} if none. */
    int firstEndingAfter(int sector) {
        int low = 0;
        int high = count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (start(middle) + length(middle) > sector) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** What the page takes of the heap, with its share of the structures around it. */
    long heapBytes() {
        return OBJECT_BYTES
                + (entries.length == 0
                        ? 0
                        : (ARRAY_HEADER_BYTES + (long) entries.length * Integer.BYTES + 7) & ~7L);
    }
}
