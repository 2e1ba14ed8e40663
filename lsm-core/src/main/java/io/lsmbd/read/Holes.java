package io.lsmbd.read;

import java.util.Arrays;

/**
 * Where a read found nothing in the maps, so that there are zeroes: runs of bytes counted from the
 * read's start, in order, neighbours joined, short ones left out. Owned and reused by the caller;
 * one thread, but for {@link #unwanted}.
 */
public final class Holes {
    private static final int FIRST_CAPACITY = 4;

    /** Never changed by anyone, unlike others. */
    private static final Holes UNWANTED = new Holes(Integer.MAX_VALUE);

    private final int minBytes;

    /** Start and end of each run. The last one may yet grow, and be too short so far. */
    private int[] bounds = new int[2 * FIRST_CAPACITY];

    private int size;
    private int base;

    /** Leaves out those shorter than {@code minBytes}, at least 1. */
    public Holes(int minBytes) {
        this.minBytes = minBytes;
    }

    /** For reads where holes do not matter: always empty, for any number of threads. */
    public static Holes unwanted() {
        return UNWANTED;
    }

    /** Forgets everything: a read begins whose first byte goes to that position of its buffer. */
    public void begin(int position) {
        if (this != UNWANTED) {
            base = position;
            size = 0;
        }
    }

    /** Appends a run, from a position of the buffer on; behind those that are there. */
    public void add(int position, int lengthBytes) {
        if (lengthBytes == 0 || this == UNWANTED) {
            return;
        }
        int start = position - base;
        if (size > 0 && end(size - 1) == start) {
            bounds[2 * size - 1] += lengthBytes;
            return;
        }
        size = count();
        if (2 * size == bounds.length) {
            bounds = Arrays.copyOf(bounds, 2 * bounds.length);
        }
        bounds[2 * size] = start;
        bounds[2 * size + 1] = start + lengthBytes;
        size++;
    }

    public int count() {
        boolean isLastTooShort = size > 0 && end(size - 1) - start(size - 1) < minBytes;
        return isLastTooShort ? size - 1 : size;
    }

    /** The first byte of a run. */
    public int start(int index) {
        return bounds[2 * index];
    }

    /** The byte behind a run. */
    public int end(int index) {
        return bounds[2 * index + 1];
    }
}
