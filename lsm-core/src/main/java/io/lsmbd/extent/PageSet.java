package io.lsmbd.extent;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A set of page numbers: bits in chunks of 2^16 pages, made when needed. One thread. */
final class PageSet {
    private static final int CHUNK_SHIFT = 16;
    private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT;
    private static final int CHUNKS = (int) (MapPage.MAX_PAGES >> CHUNK_SHIFT);
    private static final long[] @Nullable [] NONE = {};

    private long[] @Nullable [] chunks = NONE;
    private long count;

    boolean isEmpty() {
        return count == 0;
    }

    long count() {
        return count;
    }

    boolean contains(long page) {
        int index = (int) (page >>> CHUNK_SHIFT);
        long[] chunk = index < chunks.length ? chunks[index] : null;
        return chunk != null && (chunk[wordOf(page)] & 1L << page) != 0;
    }

    private static int wordOf(long page) {
        return (int) (page & (CHUNK_PAGES - 1)) >>> 6;
    }

    void add(long page) {
        int index = (int) (page >>> CHUNK_SHIFT);
        if (chunks.length == 0) {
            chunks = new long[CHUNKS][];
        }
        long[] chunk = chunks[index];
        if (chunk == null) {
            chunk = new long[CHUNK_PAGES / Long.SIZE];
            chunks[index] = chunk;
        }
        long bit = 1L << page;
        int word = wordOf(page);
        count += (chunk[word] & bit) == 0 ? 1 : 0;
        chunk[word] |= bit;
    }

    void addRange(long from, long to) {
        for (long page = from; page < to; page++) {
            add(page);
        }
    }

    void addAll(PageSet other) {
        for (long page = other.next(0); page < MapPage.MAX_PAGES; page = other.next(page + 1)) {
            add(page);
        }
    }

    /** The first page from {@code page} on that is in the set, else {@link MapPage#MAX_PAGES}. */
    long next(long page) {
        long at = page;
        while (at >>> CHUNK_SHIFT < chunks.length) {
            long[] chunk = chunks[(int) (at >>> CHUNK_SHIFT)];
            if (chunk != null) {
                long bits = chunk[wordOf(at)] & -1L << at;
                int word = wordOf(at);
                while (bits == 0 && ++word < chunk.length) {
                    bits = chunk[word];
                }
                if (bits != 0) {
                    return (at & -(long) CHUNK_PAGES)
                            + word * (long) Long.SIZE
                            + Long.numberOfTrailingZeros(bits);
                }
            }
            at = (at & -(long) CHUNK_PAGES) + CHUNK_PAGES;
        }
        return MapPage.MAX_PAGES;
    }

    void clear() {
        if (count > 0) {
            Arrays.fill(chunks, null);
            chunks = NONE;
            count = 0;
        }
    }
}
